import type { MatchmakerConfig } from '@parley/config';
import { createIceProvider } from '@parley/ice';
import { HostRooms, PoolReaper, PoolStore, RoomBinding, RoomMover, roomTimes } from '@parley/redis-scripts';
import {
  adminGuard,
  connectionTo,
  createHttpService,
  createRoomTokens,
  rateLimited,
  type Service,
  type ServiceDeps,
} from '@parley/runtime';
import { closedRoute } from './hosts/closed.js';
import { goodbyeRoute } from './hosts/goodbye.js';
import { heartbeatRoute } from './hosts/heartbeat.js';
import { hostGuard } from './hosts/host-auth.js';
import { listHostsRoute } from './hosts/list.js';
import { statusRoute } from './hosts/status.js';
import { listTtlsRoute } from './hosts/ttl.js';
import { iceServersRoute } from './match/ice-servers.js';
import { findRoute } from './match/find.js';
import { okRoutes } from './ok.js';
import { startProvisioner } from './provision/start.js';
import { countRecalled } from './recalled-rooms.js';
import { startReaper } from './reaper.js';

/** The matchmaker: hosts heartbeat, clients find a match. */
export function createMatchmaker(deps: ServiceDeps<MatchmakerConfig>): Service {
  const { config, metrics } = deps;
  const redis = connectionTo(deps);
  const binding = new RoomBinding(redis);
  const pool = new PoolStore(redis, config, { bindHost: (roomId, host) => binding.bindHost(roomId, host) });
  const times = roomTimes(config);
  const mover = new RoomMover(redis, pool, times);
  const rooms = new HostRooms(redis, mover, pool, times, countRecalled(metrics));
  const ice = createIceProvider(deps);
  const tokens = createRoomTokens(config);
  const isHost = hostGuard(config);
  const isAdmin = adminGuard(config);
  const publicRoutes = [findRoute({ pool, ice, config, tokens, metrics }), iceServersRoute(ice)];
  const hostRoutes = [
    heartbeatRoute(pool, rooms, isHost, tokens, config),
    statusRoute(pool, isHost),
    goodbyeRoute(pool, rooms, isHost),
    closedRoute(rooms, isHost),
  ];
  const adminRoutes = [listHostsRoute(pool, isAdmin), listTtlsRoute(pool, isAdmin)];
  return createHttpService(deps, {
    title: 'Parley matchmaker',
    redis,
    routes: [
      ...rateLimited(publicRoutes, redis, config, metrics),
      ...hostRoutes,
      ...adminRoutes,
      ...okRoutes,
    ],
    openMore(closers) {
      const reaper = new PoolReaper(redis, 2 * config.REAP_INTERVAL_MS);
      closers.add('reaper', startReaper(reaper, config.REAP_INTERVAL_MS, deps));
      closers.add('provisioner', startProvisioner(deps, redis));
    },
  });
}
