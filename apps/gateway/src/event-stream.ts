import type { EventStreamConfig } from '@parley/config';
import { ipLimitKey, problemReply, type Metrics, type Reply } from '@parley/runtime';
import type { ServerResponse } from 'node:http';

/** Headers of server-sent events (HTML Living Standard, "Server-sent events"); nothing on the way may hold them back. */
const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};

/** Who has not read this much has gone to sleep: it is closed, and comes back when it is awake again. */
const BACKLOG_MAX_BYTES = 65_536;

/** A proxy takes a connection on which nothing is said for long for dead. */
const COMMENT_INTERVAL_MS = 15_000;

/** An answer that was not begun for so long never will be. */
const BEGIN_MAX_MS = 2_000;

const RETRY_AFTER_SECONDS = '10';

/** One that reads. */
export interface EventStream {
  write(text: string): void;
  end(): void;
}

/** Begins to write to a reader. @returns leaves: called once, when the stream is over for whatever reason */
type Begin = (stream: EventStream) => () => void;

/** Server-sent event streams: no more than there may be, and none that is not read. */
export class EventStreams {
  readonly #countOf = new Map<string, number>();
  #count = 0;

  constructor(
    private readonly limits: EventStreamConfig,
    metrics: Metrics,
  ) {
    metrics.gauge('event_streams', 'Open server-sent event streams', () => this.#count);
  }

  /**
   * Answer with a stream, or 429 where there are too many.
   * @param ip the reader's address
   */
  answer(ip: string, begin: Begin): Reply {
    const key = ipLimitKey(ip);
    const leave = this.#enter(key);
    if (!leave) return tooMany();
    // Where a stream is never begun, such as for HEAD, its place is free again.
    const giveUp = setTimeout(leave, BEGIN_MAX_MS).unref();
    const stream = (response: ServerResponse) => {
      clearTimeout(giveUp);
      response.on('close', leave);
      run(response, begin);
    };
    return { status: 200, headers: HEADERS, stream };
  }

  /** @returns leaves, or undefined where there is no place */
  #enter(key: string): (() => void) | undefined {
    const { EVENT_STREAMS_MAX: max, EVENT_STREAMS_PER_IP: maxOfOne } = this.limits;
    const ofOne = this.#countOf.get(key) ?? 0;
    if (this.#count >= max || (maxOfOne > 0 && ofOne >= maxOfOne)) return undefined;
    this.#count += 1;
    this.#countOf.set(key, ofOne + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#count -= 1;
      const left = (this.#countOf.get(key) ?? 1) - 1;
      if (left > 0) this.#countOf.set(key, left);
      else this.#countOf.delete(key);
    };
  }
}

function run(response: ServerResponse, begin: Begin): void {
  const write = (text: string) => {
    if (response.writableLength > BACKLOG_MAX_BYTES) response.destroy();
    else response.write(text);
  };
  // Sent at once, so that the client sees the connection stand.
  write('retry: 1000\n\n');
  const comments = setInterval(() => write(':\n\n'), COMMENT_INTERVAL_MS);
  const leave = begin({ write, end: () => response.end() });
  response.on('close', () => {
    clearInterval(comments);
    leave();
  });
}

function tooMany(): Reply {
  const detail = 'Too many event streams are open; close some, or try again later.';
  return problemReply('rate_limited', detail, {
    older: { success: false, error: detail },
    headers: { 'Retry-After': RETRY_AFTER_SECONDS },
  });
}
