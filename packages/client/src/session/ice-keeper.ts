import type { IceAnswer, IceServer } from '@parley/protocol';
import { backoffMs } from '../util/backoff.js';

/** Credentials are asked for anew when so much of their time is left, at most. */
const BEFORE_EXPIRY_MS = 60_000;

/** Where nobody said how long they are good for, that is asked after this time. */
const ASK_EXPIRY_MS = 60_000;

/** Longest delay of a timer. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** TURN's usual shared-secret credentials begin with their end, in seconds since 1970. */
function expiryOf(servers: readonly IceServer[]): number | undefined {
  const ends = servers.flatMap(({ username }) => /^(\d{10})(:|$)/.exec(username ?? '')?.[1] ?? []);
  return ends.length > 0 ? Math.min(...ends.map(Number)) * 1000 : undefined;
}

/** STUN and TURN servers that are renewed before their credentials expire. */
export class IceKeeper {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  /** By the clock: timers stand still while a machine sleeps. */
  #dueAtMs = Infinity;
  readonly #abort = new AbortController();

  /**
   * @param refresh asks for new ones
   * @param renewed told the new ones
   * @param failed told why there are none; it is tried again
   */
  constructor(
    public servers: readonly IceServer[],
    private readonly refresh: ((signal: AbortSignal) => Promise<IceAnswer>) | undefined,
    private readonly renewed: (servers: readonly IceServer[]) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    const needsNone = servers.length > 0 && !servers.some(({ credential }) => credential);
    if (refresh && !needsNone) this.#arm(expiryOf(servers));
  }

  /** There is a network again: make up for what was due while there was none. */
  check(): void {
    if (Date.now() >= this.#dueAtMs) void this.#renew();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #arm(expiresAtMs: number | undefined): void {
    const leftMs = (expiresAtMs ?? 0) - Date.now();
    // Over already: as good as unknown, for the clocks differ.
    this.#wait(leftMs > 0 ? leftMs - Math.min(BEFORE_EXPIRY_MS, leftMs / 10) : ASK_EXPIRY_MS);
  }

  #wait(ms: number): void {
    const inMs = Math.min(ms, TIMER_MAX_MS);
    this.#dueAtMs = Date.now() + inMs;
    this.#timer = setTimeout(() => void this.#renew(), inMs);
  }

  async #renew(): Promise<void> {
    const { signal } = this.#abort;
    clearTimeout(this.#timer);
    this.#dueAtMs = Infinity;
    try {
      const answer = await this.refresh?.(signal);
      if (!answer || signal.aborted) return;
      this.#failures = 0;
      this.servers = [...answer.iceServers];
      if (answer.expiresAt !== undefined) this.#arm(answer.expiresAt);
      this.renewed(this.servers);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#wait(1_000 + backoffMs(this.#failures, { firstMs: 1_000, maxMs: 60_000 }));
      this.failed(error);
    }
  }
}
