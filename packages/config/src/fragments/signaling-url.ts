import type { SettingIssue } from '../settings.js';
import { url } from '../values.js';

/** Where clients are sent for signaling. Pages append `?roomId=` themselves, hence no query here. */
export const signalingUrlSettings = {
  SIGNALING_PUBLIC_URL: url(['ws', 'wss'], { bare: true })
    .optional()
    .describe('signaling URL given to clients; `ws://localhost:3002` in development, required in production'),
};

/** The URL that clients get. */
export function signalingUrl(config: { SIGNALING_PUBLIC_URL?: string | undefined }): string {
  return config.SIGNALING_PUBLIC_URL ?? 'ws://localhost:3002';
}

/** A client sent to localhost in production would never find anybody. */
export function refuseMissingSignalingUrl(config: {
  SIGNALING_PUBLIC_URL?: string | undefined;
}): SettingIssue[] {
  return config.SIGNALING_PUBLIC_URL === undefined
    ? [
        {
          variable: 'SIGNALING_PUBLIC_URL',
          expected: 'in production, expected the public wss:// URL of signaling',
        },
      ]
    : [];
}
