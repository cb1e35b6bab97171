import { incompleteProvisioner, type MatchmakerConfig } from '@parley/config';
import { Circuit, ProvisionStore, type RedisConnection } from '@parley/redis-scripts';
import { every, type ServiceDeps } from '@parley/runtime';
import type { Policy } from './decide.js';
import type { Driver } from './driver.js';
import { createKubernetes } from './kubernetes.js';
import { ProvisionMetrics } from './metrics.js';
import { Provisioner } from './provisioner.js';
import { RegionWatch } from './region-watch.js';
import { createAsk } from './request.js';
import { createWebhook } from './webhook.js';

/** A platform that fails this often in a row is left alone for a while. */
const CIRCUIT = { errorThreshold: 6, openMs: 15_000 };

/** A driver, and how to let go of what it holds open. */
function createDriver(config: MatchmakerConfig, store: ProvisionStore): Driver & { close?(): void } {
  const ask = createAsk(new Circuit(CIRCUIT));
  if (config.PROVISIONER === 'kubernetes') return createKubernetes(config, ask);
  const told = (region: string) => store.told(region);
  return createWebhook(config, { ask, told, hostTtlMs: config.HOST_TTL_SECONDS * 1_000 });
}

/** One that is killed is replaced after two rounds without a sign of it, and never while a request may be under way. */
function leadMs({ PROVISIONER_INTERVAL_MS, PROVISIONER_TIMEOUT_MS }: MatchmakerConfig): number {
  return 2 * (PROVISIONER_INTERVAL_MS + PROVISIONER_TIMEOUT_MS);
}

/**
 * Keep free slots in each region by asking a platform for hosts, if the settings say so. It waits for nobody, and
 * nobody waits for it.
 * @returns stops it
 */
export function startProvisioner(
  { config, logger, metrics }: ServiceDeps<MatchmakerConfig>,
  redis: RedisConnection,
): () => Promise<void> {
  const told = new ProvisionMetrics(metrics);
  const missing = incompleteProvisioner(config);
  for (const { variable, expected } of missing)
    logger.warn({ variable, expected }, 'the provisioner stays off');
  if (config.PROVISIONER === 'off' || missing.length > 0) return async () => undefined;
  const store = new ProvisionStore(redis, leadMs(config));
  const driver = createDriver(config, store);
  told.begins(driver.name);
  const cooldownMs = config.PROVISIONER_COOLDOWN_SECONDS * 1_000;
  const scaleDownAfterMs = config.PROVISIONER_SCALE_DOWN_AFTER_SECONDS * 1_000;
  const remindMs = Math.max(cooldownMs, config.PROVISIONER_INTERVAL_MS);
  const watches = [...(config.PROVISIONER_REGIONS ?? [])].map(([region, plan]) => {
    const policy: Policy = { ...plan, cooldownMs, scaleDownAfterMs };
    return new RegionWatch(region, plan, policy, { store, driver, metrics: told, logger, remindMs });
  });
  const provisioner = new Provisioner(store, watches, told, logger);
  const end = every(config.PROVISIONER_INTERVAL_MS, () => provisioner.round(), logger);
  return async () => {
    await end();
    await provisioner.stop();
    driver.close?.();
  };
}
