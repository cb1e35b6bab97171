import type { SettingIssue } from '../settings.js';
import { flag, url } from '../values.js';

/** The demo that the gateway serves. */
export const demoSettings = {
  DEMO: flag()
    .optional()
    .describe(
      'serve the demo at `/demo`, where anybody may host a game from a page; on by default, off in production',
    ),
  MATCHMAKER_PUBLIC_URL: url(['http', 'https'], { bare: true })
    .optional()
    .describe(
      "where the demo's page finds a match; `http://localhost:8080` in development, with `DEMO` required in production",
    ),
};

interface DemoConfig {
  readonly NODE_ENV: string;
  readonly DEMO?: boolean | undefined;
  readonly MATCHMAKER_PUBLIC_URL?: string | undefined;
}

/** Whether the demo is served. */
export function isDemoOn({ DEMO, NODE_ENV }: DemoConfig): boolean {
  return DEMO ?? NODE_ENV !== 'production';
}

/** The matchmaker that the demo's page asks. */
export function matchmakerUrl({ MATCHMAKER_PUBLIC_URL }: DemoConfig): string {
  return MATCHMAKER_PUBLIC_URL ?? 'http://localhost:8080';
}

/** A page that asks the visitor's own machine for a match would never get one. */
export function refuseMissingMatchmakerUrl(config: DemoConfig): SettingIssue[] {
  return isDemoOn(config) && config.MATCHMAKER_PUBLIC_URL === undefined
    ? [
        {
          variable: 'MATCHMAKER_PUBLIC_URL',
          expected: 'in production with DEMO, expected the public https:// URL of the matchmaker',
        },
      ]
    : [];
}
