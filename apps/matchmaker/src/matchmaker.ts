import type { MatchmakerConfig } from '@parley/config';
import { createIceProvider } from '@parley/ice';
import { PoolReaper, PoolStore, RoomBinding } from '@parley/redis-scripts';
import {
  connectionTo,
  createHttpApi,
  createProbes,
  createService,
  Health,
  listen,
  openHealthPort,
  type Service,
  type ServiceDeps,
} from '@parley/runtime';
import { adminGuard } from './hosts/admin-auth.js';
import { goodbyeRoute } from './hosts/goodbye.js';
import { heartbeatRoute } from './hosts/heartbeat.js';
import { hostGuard } from './hosts/host-auth.js';
import { listHostsRoute } from './hosts/list.js';
import { statusRoute } from './hosts/status.js';
import { listTtlsRoute } from './hosts/ttl.js';
import { findRoute } from './match/find.js';
import { okRoutes } from './ok.js';
import { startReaper } from './reaper.js';

/** The matchmaker: hosts heartbeat, clients find a match. */
export function createMatchmaker(deps: ServiceDeps<MatchmakerConfig>): Service {
  const { config, logger, metrics } = deps;
  const redis = connectionTo(deps);
  const health = new Health({ redis: () => redis.ping() });
  const probes = createProbes(health, metrics);
  const rooms = new RoomBinding(redis);
  const pool = new PoolStore(redis, config, { bindHost: (roomId, host) => rooms.bindHost(roomId, host) });
  const isHost = hostGuard(config);
  const isAdmin = adminGuard(config);
  const routes = [
    heartbeatRoute(pool, isHost, config),
    statusRoute(pool, isHost),
    goodbyeRoute(pool, isHost),
    findRoute(pool, createIceProvider(deps), config),
    listHostsRoute(pool, isAdmin),
    listTtlsRoute(pool, isAdmin),
    ...okRoutes,
  ];

  return createService({
    logger,
    health,
    async open(closers) {
      await openHealthPort(config, probes, closers);
      closers.add('redis', () => redis.close());
      await redis.connect();
      const reaper = new PoolReaper(redis, 2 * config.REAP_INTERVAL_MS);
      closers.add('reaper', startReaper(reaper, config.REAP_INTERVAL_MS, deps));
      const listener = await listen(
        createHttpApi({ routes, probes, logger }),
        config.PORT,
        config.BIND_ADDRESS,
      );
      closers.add('http', () => listener.close());
      return listener.address;
    },
  });
}
