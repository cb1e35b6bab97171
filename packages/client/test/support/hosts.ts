import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '@parley/testkit';
import { createHost, type Host, type HostEvents, type HostOptions } from '../../src/index.js';
import type { Stack } from './services.js';

type EventName = keyof HostEvents;

/** A host that remembers everything it was told. */
export interface RecordedHost {
  readonly host: Host;
  of<Name extends EventName>(name: Name): HostEvents[Name][];
  until<Name extends EventName>(name: Name, count?: number, timeoutMs?: number): Promise<HostEvents[Name]>;
}

const NAMES: readonly EventName[] = ['ready', 'assigned', 'released', 'peer', 'peer-left', 'error', 'closed'];

/** A host that connects with `ws`; it says goodbye at the end of the test. */
export function recordHost(options: HostOptions): RecordedHost {
  const host = createHost({ connect: { WebSocket, backoff: { firstMs: 50, maxMs: 1_000 } }, ...options });
  onTestFinished(() => host.close());
  const all = new Map<EventName, unknown[]>(NAMES.map((name) => [name, []]));
  for (const name of NAMES) host.on(name, (event) => void all.get(name)?.push(event));
  const of = <Name extends EventName>(name: Name) => all.get(name) as HostEvents[Name][];
  return {
    host,
    of,
    async until(name, count = 1, timeoutMs) {
      await waitFor(() => of(name).length >= count, `${count} "${name}" of the host`, timeoutMs);
      return of(name)[count - 1] as never;
    },
  };
}

/** A game server in the pool, ready. */
export async function startGameServer(
  { hostSecret }: Stack,
  matchmakerUrl: string,
  options: Partial<HostOptions> = {},
): Promise<RecordedHost & { readonly address: string }> {
  const address = '127.0.0.1:7777';
  const recorded = recordHost({ matchmakerUrl, hostSecret, address, heartbeatMs: 500, ...options });
  await recorded.until('ready');
  return { ...recorded, address };
}
