import { RedisUnavailableError } from './errors.js';

/** When the circuit opens and for how long (settings `CB_ERROR_THRESHOLD`, `CB_OPEN_MS`). */
export interface CircuitOptions {
  readonly errorThreshold: number;
  readonly openMs: number;
  readonly onChange?: (open: boolean) => void;
}

/**
 * Refuses work at once while Redis (or whatever else is asked) is away, instead of letting every caller wait for its own timeout.
 * Closed → open after `errorThreshold` failures in a row; after `openMs` one call is let through as a trial.
 */
export class Circuit {
  #failures = 0;
  #openUntil: number | undefined;
  #trial = false;

  constructor(
    private readonly options: CircuitOptions,
    private readonly now = () => performance.now(),
  ) {}

  /** Whether calls are refused right now. */
  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** @throws RedisUnavailableError while open. A call that passes must end in `succeeded` or `failed`. */
  enter(): void {
    if (!this.admits()) throw new RedisUnavailableError('the Redis circuit is open');
  }

  /** Whether a call may be made. One that is must end in `succeeded` or `failed`. */
  admits(): boolean {
    if (this.#openUntil === undefined) return true;
    if (this.#trial || this.now() < this.#openUntil) return false;
    this.#trial = true;
    return true;
  }

  /** It answered: everything is allowed again. */
  succeeded(): void {
    this.#failures = 0;
    this.#trial = false;
    if (this.#openUntil === undefined) return;
    this.#openUntil = undefined;
    this.options.onChange?.(false);
  }

  /** It did not answer. */
  failed(): void {
    this.#failures += 1;
    this.#trial = false;
    if (this.#failures < this.options.errorThreshold) return;
    const wasOpen = this.isOpen;
    this.#openUntil = this.now() + this.options.openMs;
    if (!wasOpen) this.options.onChange?.(true);
  }
}
