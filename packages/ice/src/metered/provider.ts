import type { Logger } from '@parley/runtime';
import type { IceMetrics } from '../ice-metrics.js';
import type { TurnProvider } from '../turn-provider.js';
import { requestCredential, type MeteredAccess } from './api.js';
import { SharedCredential } from './shared-credential.js';

const NAME = 'metered';

export interface MeteredOptions extends MeteredAccess {
  readonly expirySeconds: number;
  /** For both steps together. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  readonly metrics: IceMetrics;
}

/** TURN from Metered, which knows no users: all clients of a process share one credential for a while. */
export function meteredProvider(options: MeteredOptions): TurnProvider {
  const { expirySeconds, timeoutMs, logger, metrics } = options;
  const shared = new SharedCredential(async () => {
    const startedAtMs = performance.now();
    const result = await requestCredential(options, expirySeconds, AbortSignal.timeout(timeoutMs));
    const seconds = (performance.now() - startedAtMs) / 1000;
    metrics.requested(NAME, result.ok ? 'answered' : result.failure, seconds);
    if (!result.ok) {
      const { failure, detail } = result;
      logger.warn({ provider: NAME, failure, detail }, 'TURN provider gave no credentials');
    }
    return result;
  });
  return { name: NAME, turn: () => shared.get() };
}
