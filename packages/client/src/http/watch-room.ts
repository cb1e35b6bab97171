import { delay, linkedAbort } from '../util/abort.js';
import { backoffMs } from '../util/backoff.js';
import { errorOf, ParleyError } from './error.js';
import { createEventReader, type ServerSentEvent } from './event-stream.js';
import { urlOf } from './request.js';

/** Something that happened to a room. */
export interface RoomEvent {
  /** Later events have later ids. */
  readonly id: string;
  readonly type: 'assigned' | 'migrating' | 'migrated' | 'closed';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of `assigned` and `migrated`. */
  readonly hostId?: string;
  /** Of `assigned` and `migrated`, where a game server has the room: `host:port`. */
  readonly serverAddress?: string;
  /** Of `closed`. */
  readonly reason?: string;
}

/** How to watch a room. */
export interface WatchOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Only what happened after the event of this id. Default: from the first that the gateway remembers. */
  readonly afterId?: string;
  /** The gateway says something every 15 s; a silence of this length is a lost connection, ms. Default 40000. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 40_000;

/** Whatever a gateway says, it is not asked more often, nor forgotten for longer. */
const RETRY_MIN_MS = 100;
const WAIT_MAX_MS = 60_000;

/** Ids are `milliseconds-number`. */
function isLater(id: string, than: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number);
  const [thanMs = 0, thanN = 0] = than.split('-').map(Number);
  return ms > thanMs || (ms === thanMs && n > thanN);
}

/** Browsers ask another origin whether it takes this header, and it does not; then what is told again is left out here. */
function mayName(url: string): boolean {
  return typeof location === 'undefined' || new URL(url, location.href).origin === location.origin;
}

/** One connection. */
async function* read(url: string, afterId: string, options: WatchOptions, onRetry: (ms: number) => void) {
  const { silenceMs = SILENCE_MS } = options;
  const abort = linkedAbort(options.signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), silenceMs);
  };
  try {
    heard();
    const last = afterId && mayName(url) ? { 'last-event-id': afterId } : {};
    const headers = { accept: 'text/event-stream', ...last, ...options.headers };
    const response = await fetch(url, { headers, cache: 'no-store', signal: abort.signal });
    if (!response.ok || !response.body) throw await errorOf(response);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const events = createEventReader(onRetry);
    for (;;) {
      heard();
      const { done, value } = await reader.read();
      if (done) return;
      yield* events(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
    abort.unlink();
  }
}

const toRoomEvent = ({ id, type, data }: ServerSentEvent) => ({ id, type, ...JSON.parse(data) }) as RoomEvent;

/**
 * What happens to a room, each event once and in order, until it is `closed`. Comes back after a lost connection, to
 * whatever gateway answers then, and goes on after the last event.
 * @throws ParleyError when there is no such room (`room_not_found`); the signal's reason when it is aborted
 */
export async function* watchRoom(
  gatewayUrl: string,
  roomId: string,
  options: WatchOptions = {},
): AsyncGenerator<RoomEvent, void, undefined> {
  const url = urlOf(gatewayUrl, `/api/rooms/${encodeURIComponent(roomId)}/events`);
  let { afterId = '' } = options;
  let retryMs = 1_000;
  let failures = 0;
  for (;;) {
    let waitMs = 0;
    try {
      for await (const each of read(url, afterId, options, (ms) => (retryMs = Math.max(ms, RETRY_MIN_MS)))) {
        const event = toRoomEvent(each);
        failures = 0;
        // The end of a room that ended by itself has the id of what came before it.
        if (event.type !== 'closed' && afterId && !isLater(event.id, afterId)) continue;
        afterId = event.id;
        yield event;
        if (event.type === 'closed') return;
      }
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (error instanceof ParleyError && !error.isTransient) throw error;
      waitMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
    }
    failures += 1;
    await delay(Math.min(waitMs, WAIT_MAX_MS) + backoffMs(failures, { firstMs: retryMs }), options.signal);
  }
}
