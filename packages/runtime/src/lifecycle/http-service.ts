import type { RedisConfig, ServiceConfig } from '@parley/config';
import type { RedisConnection } from '@parley/redis-scripts';
import { docsRoutes } from '../docs/routes.js';
import { createHttpApi } from '../http/api.js';
import { createClientIp } from '../http/client-ip.js';
import type { Route } from '../http/route.js';
import { listen } from '../http/server.js';
import { observedHealth } from '../observe/drain.js';
import { openHealthPort } from '../observe/health-port.js';
import { createProbes } from '../observe/probes.js';
import type { Closers } from './closers.js';
import { createService, type Service, type ServiceDeps } from './service.js';

/** What an HTTP service is made of, besides what all have in common. */
interface HttpServiceParts {
  /** Heading of `/docs`. */
  readonly title: string;
  readonly redis: RedisConnection;
  readonly routes: readonly Route[];
  /** End what would otherwise keep connections open, before the port is closed. */
  readonly drain?: () => Promise<void>;
  /** Start what runs beside the requests, once Redis was asked for; register its close with `closers`. */
  readonly openMore?: (closers: Closers) => Promise<void> | void;
}

/** A service that serves routes over HTTP and shares state through Redis. */
export function createHttpService(
  { config, logger, metrics, tracing }: ServiceDeps<ServiceConfig & RedisConfig>,
  { title, redis, routes, drain, openMore }: HttpServiceParts,
): Service {
  const health = observedHealth({ metrics, config }, { redis: () => redis.ping() });
  const probes = createProbes(health, metrics, redis);
  const api = createHttpApi({
    routes: [...routes, ...docsRoutes(title, routes)],
    probes,
    logger,
    clientIp: createClientIp(config),
    tracing,
  });
  return createService({
    logger,
    health,
    ...(drain && { drain }),
    async open(closers) {
      closers.add('traces', () => tracing?.close());
      await openHealthPort(config, probes, closers);
      closers.add('redis', () => redis.close());
      await redis.connect();
      await openMore?.(closers);
      const listener = await listen(api, config.PORT, config.BIND_ADDRESS);
      closers.add('http', () => listener.close());
      return listener.address;
    },
  });
}
