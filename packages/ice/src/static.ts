import type { TurnCredential } from './coturn.js';
import type { TurnProvider } from './turn-provider.js';

/** TURN servers with one fixed user and password, which every client learns. */
export function staticProvider(options: {
  readonly urls: readonly string[];
  readonly credential: TurnCredential;
}): TurnProvider {
  const servers = options.urls.map((urls) => ({ urls, ...options.credential }));
  return { name: 'static', turn: () => ({ ok: true, servers }) };
}
