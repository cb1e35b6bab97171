import type { HostNews, HostReport } from '@parley/redis-scripts';
import { uniqueId } from '@parley/testkit';
import { onTestFinished } from 'vitest';

/** A host as it reports itself: a game server, unless told otherwise. */
export function hostReport(fields: Partial<HostReport> = {}): HostReport {
  const hostId = uniqueId('host');
  return {
    hostId,
    region: uniqueId('region'),
    roomId: `room-${hostId}`,
    status: 'idle',
    capacity: 1,
    availableSlots: 1,
    address: '192.0.2.7:7777',
    ...fields,
  };
}

/** Who takes heartbeats. */
interface Heard {
  heartbeat(report: HostReport): Promise<HostNews>;
}

/** A game server that opens every room that it is given, and reports it from then on. */
export interface GameServer {
  readonly report: HostReport;
  /** The rooms that it holds open. */
  readonly held: ReadonlySet<string>;
  /** The rooms that it was told are not its own (any more). */
  readonly released: ReadonlySet<string>;
  /** One heartbeat. */
  beat(): Promise<HostNews>;
  /** Heartbeat from now on, several times a second, until `silence` or the end of the test. */
  live(): void;
  /** Say nothing any more, as if it were dead. Resolves when the last heartbeat was answered. */
  silence(): Promise<void>;
}

const BEAT_INTERVAL_MS = 250;

/**
 * Start one; it was heard of once when this resolves.
 * @param fields of its report; `slots` in all, and `players` in each of its rooms
 */
export async function startGameServer(
  matchmakers: Heard,
  fields: Partial<HostReport> & { readonly slots?: number; readonly players?: number } = {},
): Promise<GameServer> {
  const { slots = 1, players = 1, ...rest } = fields;
  const address = `${uniqueId('host')}.example:7777`;
  const report = hostReport({ capacity: slots, availableSlots: slots, address, ...rest });
  const held = new Set<string>();
  const released = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function say(): Promise<HostNews> {
    const news = await matchmakers.heartbeat({
      ...report,
      availableSlots: report.capacity - held.size,
      rooms: [...held].map((roomId) => ({ roomId, players })),
    });
    for (const { roomId } of news.assignments) held.add(roomId);
    for (const roomId of news.released) {
      held.delete(roomId);
      released.add(roomId);
    }
    return news;
  }
  // One after the other, as a host's own loop does: an older one that overtakes says that it has fewer rooms.
  function beat(): Promise<HostNews> {
    const said = last.then(say);
    last = said.catch(() => undefined);
    return said;
  }
  async function silence(): Promise<void> {
    clearInterval(timer);
    await last;
  }
  await beat();
  return {
    report,
    held,
    released,
    beat,
    live() {
      timer = setInterval(() => void beat().catch(() => undefined), BEAT_INTERVAL_MS);
      onTestFinished(silence);
    },
    silence,
  };
}
