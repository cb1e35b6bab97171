import { z } from 'zod';
import type { ConfigOf, SettingIssue, Settings } from './settings.js';

export type { SettingIssue } from './settings.js';

/** The environment does not describe a service that may run. Its message names every bad variable, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly issues: readonly SettingIssue[]) {
    super(
      ['The environment is not valid:', ...issues.map((i) => `  ${i.variable}: ${i.expected}`)].join('\n'),
    );
  }
}

/** Take each variable from its first spelling that is set; an empty string counts as not set, as in `X= npm start`. */
function pick(settings: Settings, env: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {};
  for (const variable of Object.keys(settings.shape)) {
    const spellings = [variable, ...(settings.aliases[variable] ?? [])];
    const value = spellings.map((name) => env[name]).find((text) => text !== undefined && text !== '');
    if (value !== undefined) values[variable] = value;
  }
  return values;
}

/** Name the spelling that the operator used, not the one that the schema uses. */
function spelledAs(settings: Settings, env: NodeJS.ProcessEnv, variable: string): string {
  if (env[variable]) return variable;
  return settings.aliases[variable]?.find((name) => env[name]) ?? variable;
}

/**
 * Turn an environment into a service's frozen configuration.
 * @throws ConfigError naming every variable that is wrong. Values are never repeated: they may be secrets.
 */
export function loadConfig<S extends Settings>(settings: S, env: NodeJS.ProcessEnv): ConfigOf<S> {
  const parsed = z.object(settings.shape).safeParse(pick(settings, env));
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => ({
        variable: spelledAs(settings, env, String(issue.path[0])),
        expected: issue.message,
      })),
    );
  }
  const config = parsed.data;
  const refused = config['NODE_ENV'] === 'production' ? settings.production(config) : [];
  if (refused.length > 0) throw new ConfigError(refused);
  return Object.freeze(config) as ConfigOf<S>;
}
