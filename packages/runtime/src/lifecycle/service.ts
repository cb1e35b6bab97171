import type { Logger } from '../observe/logger.js';
import type { Metrics } from '../observe/metrics.js';
import type { Tracing } from '../trace/tracing.js';
import { Closers } from './closers.js';
import type { Health } from './health.js';

/** Where a service listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A service of ours. Construction does no I/O. */
export interface Service {
  /** Open everything. A failed start closes what it had opened. Port 0 in the settings: the answer tells the real one. */
  start(): Promise<Address>;
  /** Not ready → refuse new → drain → close in reverse order. Idempotent: every call waits for the same stop. */
  stop(): Promise<void>;
}

/** What every service is made from. */
export interface ServiceDeps<Config> {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Only while traces are on. */
  readonly tracing?: Tracing | undefined;
}

/** The parts of a service's life that differ from one to another. */
interface ServiceParts {
  readonly logger: Logger;
  readonly health: Health;
  /** Open each part and register its close with `closers`. */
  readonly open: (closers: Closers) => Promise<Address>;
  /** Finish what is under way, once nothing new is let in; bounded by the caller's deadline. */
  readonly drain?: () => Promise<void>;
}

/** Give a service the one life that all of ours have. */
export function createService({ logger, health, open, drain }: ServiceParts): Service {
  const closers = new Closers(logger);
  let stopping: Promise<void> | undefined;

  async function start(): Promise<Address> {
    try {
      const address = await open(closers);
      health.started();
      return address;
    } catch (error) {
      await closers.closeAll();
      throw error;
    }
  }

  async function stopOnce(): Promise<void> {
    health.draining();
    try {
      await drain?.();
    } finally {
      await closers.closeAll();
    }
  }

  return { start, stop: () => (stopping ??= stopOnce()) };
}
