import type { ServiceConfig } from '@parley/config';
import type { Health } from '../lifecycle/health.js';
import type { Metrics } from './metrics.js';

/** Tell how a stop goes to whoever asks while it does: a process that ends is not asked any more. */
export function observeDrain(
  metrics: Metrics,
  health: Health,
  { DRAIN_TIMEOUT_MS }: Pick<ServiceConfig, 'DRAIN_TIMEOUT_MS'>,
): void {
  metrics.gauge('drain_seconds', 'Time since this process was told to stop; 0 before that', () => {
    return health.drainingMs / 1_000;
  });
  metrics.gauge('drain_timeout_seconds', 'Longest time that a stop may take', () => DRAIN_TIMEOUT_MS / 1_000);
}
