import type { ServiceConfig } from '@parley/config';
import { Health } from '../lifecycle/health.js';
import type { ServiceDeps } from '../lifecycle/service.js';

/**
 * A service's health that also tells how a stop goes, to whoever asks while it does: a process that ends is not asked any
 * more.
 */
export function observedHealth(
  { metrics, config }: Pick<ServiceDeps<Pick<ServiceConfig, 'DRAIN_TIMEOUT_MS'>>, 'metrics' | 'config'>,
  checks: ConstructorParameters<typeof Health>[0],
): Health {
  const health = new Health(checks);
  metrics.gauge('drain_seconds', 'Time since this process was told to stop; 0 before that', () => {
    return health.drainingMs / 1_000;
  });
  metrics.gauge('drain_timeout_seconds', 'Longest time that a stop may take', () => {
    return config.DRAIN_TIMEOUT_MS / 1_000;
  });
  return health;
}
