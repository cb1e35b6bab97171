import type { PeerIceServer } from './peer.js';

/** A setting that is missing or has the wrong form; its message names the variable and what was expected. */
export class SettingError extends Error {}

/** The variable's text, or `fallback` where it is unset or empty. */
export function text(name: string, fallback: string): string {
  return process.env[name] || fallback;
}

/** The variable's text, or undefined where it is unset or empty. */
export function optionalText(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** A whole number of at least `min`. @throws {SettingError} for anything else. */
export function integer(name: string, fallback: number, min = 1): number {
  const raw = process.env[name];
  if (!raw) return fallback;
  const value = Number(raw);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new SettingError(`${name}: expected a whole number of at least ${min}, got "${raw}"`);
}

/** `true` or `false`. @throws {SettingError} for anything else. */
export function flag(name: string, fallback: boolean): boolean {
  const raw = process.env[name];
  if (!raw) return fallback;
  if (raw === 'true' || raw === 'false') return raw === 'true';
  throw new SettingError(`${name}: expected true or false, got "${raw}"`);
}

/** `host:port`; port 0 takes any free one. @throws {SettingError} for anything else. */
export function address(name: string, fallback: string): { host: string; port: number } {
  const raw = text(name, fallback);
  const found = /^(.+):(\d{1,5})$/.exec(raw);
  const port = Number(found?.[2]);
  if (found?.[1] && port <= 65_535) return { host: found[1], port };
  throw new SettingError(`${name}: expected host:port, got "${raw}"`);
}

/**
 * `ICE_SERVERS`: `none` (the default: direct connections only, nobody outside is asked), `match` (those that the
 * matchmaker named), or a JSON array of `{urls, username?, credential?}`.
 * @throws {SettingError} for anything else.
 */
export function iceServers(named: readonly object[] = []): PeerIceServer[] {
  const raw = text('ICE_SERVERS', 'none');
  if (raw === 'none') return [];
  if (raw === 'match') return named as PeerIceServer[];
  try {
    const parsed: unknown = JSON.parse(raw);
    if (Array.isArray(parsed)) return parsed as PeerIceServer[];
  } catch {
    // Falls through: the message below says what was expected, without repeating a credential.
  }
  throw new SettingError(
    'ICE_SERVERS: expected none, match or a JSON array of {urls, username?, credential?}',
  );
}
