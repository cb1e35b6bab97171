import type { GatewayConfig } from '@parley/config';
import { PoolStore, RoomStore } from '@parley/redis-scripts';
import {
  connectionTo,
  createClientIp,
  createHttpApi,
  createProbes,
  createService,
  Health,
  listen,
  openHealthPort,
  rateLimited,
  type Service,
  type ServiceDeps,
} from '@parley/runtime';
import { RoomAnswers } from './rooms/answer.js';
import { createRoomRoute } from './rooms/create-room.js';
import { deleteRoomRoute } from './rooms/delete-room.js';
import { joinRoomRoute } from './rooms/join-room.js';
import { RoomPlacer } from './rooms/place-room.js';
import { showRoomRoute } from './rooms/show-room.js';

const DEFAULT_ICE_SERVERS = [{ urls: 'stun:stun.l.google.com:19302' }];

/** The gateway: clients create, find, join and delete rooms. */
export function createGateway(deps: ServiceDeps<GatewayConfig>): Service {
  const { config, logger, metrics } = deps;
  const redis = connectionTo(deps);
  const health = new Health({ redis: () => redis.ping() });
  const probes = createProbes(health, metrics);
  const rooms = new RoomStore(redis);
  const hosts = new PoolStore(redis, config);
  const answers = new RoomAnswers(config, () => Promise.resolve(DEFAULT_ICE_SERVERS));
  const routes = [
    createRoomRoute(new RoomPlacer(hosts, rooms, config.ROOM_TTL_SECONDS * 1_000), answers),
    joinRoomRoute(rooms, answers),
    showRoomRoute(rooms, answers),
    deleteRoomRoute(rooms, hosts),
  ];

  return createService({
    logger,
    health,
    async open(closers) {
      await openHealthPort(config, probes, closers);
      closers.add('redis', () => redis.close());
      await redis.connect();
      const listener = await listen(
        createHttpApi({
          routes: rateLimited(routes, redis, config, metrics),
          probes,
          logger,
          clientIp: createClientIp(config),
        }),
        config.PORT,
        config.BIND_ADDRESS,
      );
      closers.add('http', () => listener.close());
      return listener.address;
    },
  });
}
