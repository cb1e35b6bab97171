import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '@parley/testkit';
import {
  connect,
  type ConnectOptions,
  type Session,
  type SessionEvents,
  type Where,
} from '../../src/index.js';

type EventName = keyof SessionEvents;

const NAMES: readonly EventName[] = [
  'state',
  'welcome',
  'plain',
  'message',
  'chat',
  'private',
  'typing',
  'peer-joined',
  'peer-away',
  'peer-disconnected',
  'migrated',
  'assigned',
  'user-joined',
  'user-left',
  'ice-servers',
  'error',
  'closed',
];

/** A session that remembers everything it was told. */
export interface Recorded {
  readonly session: Session;
  /** All events of a name so far. */
  of<Name extends EventName>(name: Name): SessionEvents[Name][];
  /** Wait for so many of them, and answer the last. */
  until<Name extends EventName>(name: Name, count?: number, timeoutMs?: number): Promise<SessionEvents[Name]>;
}

/** Connect with `ws`, quickly; closed at the end of the test. */
export function record(where: Where, options: ConnectOptions = {}): Recorded {
  const session = connect(where, { WebSocket, backoff: { firstMs: 50, maxMs: 1_000 }, ...options });
  onTestFinished(() => session.close());
  const all = new Map<EventName, unknown[]>(NAMES.map((name) => [name, []]));
  for (const name of NAMES) session.on(name, (event) => void all.get(name)?.push(event));
  const of = <Name extends EventName>(name: Name) => all.get(name) as SessionEvents[Name][];
  return {
    session,
    of,
    async until(name, count = 1, timeoutMs) {
      await waitFor(() => of(name).length >= count, `${count} "${name}" of the session`, timeoutMs);
      return of(name)[count - 1] as never;
    },
  };
}

/** The numbers in the messages that were sent by {@link numbered}. */
export const numbersOf = (recorded: Recorded): unknown[] =>
  recorded.of('message').map((message) => (message.type === 'control' ? message.payload : message.type));

/** A message with a number in it. */
export const numbered = (n: number) => ({ type: 'control', action: 'n', payload: n }) as const;
