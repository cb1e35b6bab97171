/** Longest time one readiness check may take: a probe that hangs is no better than one that says no. */
const CHECK_TIMEOUT_MS = 1_000;

type Check = () => Promise<boolean> | boolean;

/**
 * Whether a service should get traffic. Liveness is not here: a process that answers is alive, whatever Redis does,
 * or a Redis blip would restart a whole fleet.
 */
export class Health {
  #serving = false;
  #drainingSinceMs: number | undefined;

  /** @param checks what must hold besides having started and not draining, by name */
  constructor(private readonly checks: Readonly<Record<string, Check>> = {}) {}

  /** The service stands. */
  started(): void {
    this.#serving = true;
  }

  /** The service is about to stop: load balancers should look elsewhere from now on. */
  draining(): void {
    this.#serving = false;
    this.#drainingSinceMs ??= performance.now();
  }

  get isDraining(): boolean {
    return this.#drainingSinceMs !== undefined;
  }

  /** How long the service has been stopping; 0 while it is not. */
  get drainingMs(): number {
    return this.#drainingSinceMs === undefined ? 0 : performance.now() - this.#drainingSinceMs;
  }

  /** Ask every check. Never throws; a check that fails or takes longer than 1 s counts as no. */
  async isReady(): Promise<boolean> {
    if (!this.#serving) return false;
    const answers = await Promise.all(Object.values(this.checks).map(withinTimeout));
    return this.#serving && answers.every(Boolean);
  }
}

async function withinTimeout(check: Check): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, false);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
