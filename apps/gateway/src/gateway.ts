import type { GatewayConfig } from '@parley/config';
import { createIceProvider } from '@parley/ice';
import {
  Assignments,
  CreateClaims,
  PoolStore,
  PublicRooms,
  RoomEvents,
  RoomMover,
  RoomNews,
  RoomStore,
  roomTimes,
} from '@parley/redis-scripts';
import {
  connectionTo,
  createHttpService,
  createRoomTokens,
  every,
  rateLimited,
  type Service,
  type ServiceDeps,
} from '@parley/runtime';
import { createDemo } from './demo/demo.js';
import { EventStreams } from './event-stream.js';
import { createOperations } from './overview/operations.js';
import { RoomAnswers } from './rooms/answer.js';
import { RoomCreator } from './rooms/create-once.js';
import { createRoomRoute } from './rooms/create-room.js';
import { deleteRoomRoute } from './rooms/delete-room.js';
import { RoomFeed } from './rooms/feed.js';
import { joinRoomRoute } from './rooms/join-room.js';
import { listRoomsRoute } from './rooms/list-rooms.js';
import { patchRoomRoute } from './rooms/patch-room.js';
import { RoomPlacer } from './rooms/place-room.js';
import { showRoomRoute } from './rooms/show-room.js';
import { watchRoomRoute } from './rooms/watch-room.js';
import { createAdmission } from './users/admit.js';
import { forUsers } from './users/for-users.js';
import { createSights } from './users/sight.js';

/** How often each gateway looks for hosts that are gone; what it costs is one command. */
const MOVE_INTERVAL_MS = 500;

/** How many listed rooms each gateway looks at, and how often, to forget those that are over. */
const SWEEP_COUNT = 50;
const SWEEP_INTERVAL_MS = 2_000;

/** How long those who watch a room wait for news at most. */
const FEED_INTERVAL_MS = 250;

/** How often those who watch the overview are told. */
const OVERVIEW_INTERVAL_MS = 1_000;

/** The gateway: clients create, find, join and delete rooms, and rooms outlive the hosts they began on. */
export function createGateway(deps: ServiceDeps<GatewayConfig>): Service {
  const { config, logger, metrics } = deps;
  const redis = connectionTo(deps);
  const times = roomTimes(config);
  const rooms = new RoomStore(redis, times);
  const hosts = new PoolStore(redis, config);
  const mover = new RoomMover(redis, hosts, times);
  const publicRooms = new PublicRooms(redis, rooms);
  const placer = new RoomPlacer(
    hosts,
    rooms,
    new Assignments(redis),
    publicRooms,
    new RoomNews(redis),
    times,
  );
  const events = new RoomEvents(redis);
  const feed = new RoomFeed(events, rooms);
  const ice = createIceProvider(deps);
  const streams = new EventStreams(config, metrics);
  const answers = new RoomAnswers(config, ice, createRoomTokens(config));
  const admit = config.ENABLE_AUTH ? createAdmission(config) : undefined;
  const sights = createSights(admit);
  const usersRoutes = [
    createRoomRoute(new RoomCreator(placer, rooms, new CreateClaims(redis)), answers),
    joinRoomRoute(rooms, answers),
  ];
  const demo = createDemo(config, redis, ice);
  const routes = [
    ...forUsers(usersRoutes, admit, redis, config, metrics),
    showRoomRoute(rooms, answers, sights),
    patchRoomRoute(rooms, publicRooms, answers),
    deleteRoomRoute(rooms, publicRooms, hosts),
    listRoomsRoute(publicRooms),
    watchRoomRoute({ rooms, events, feed, streams, sights }),
    ...demo.api,
  ];
  const operations = createOperations(redis, streams, config);
  const moved = metrics.counter('rooms_moved_total', 'Rooms that were given another host');
  return createHttpService(deps, {
    title: 'Parley gateway',
    redis,
    routes: [...rateLimited(routes, redis, config, metrics), ...operations.routes, ...demo.files],
    drain: () => {
      feed.endAll();
      operations.feed.endAll();
      return Promise.resolve();
    },
    openMore: (closers) => {
      const move = async () => moved.inc(await mover.moveDue());
      const sweep = () => publicRooms.sweep(SWEEP_COUNT);
      const tell = () => feed.round();
      const show = () => operations.feed.round();
      closers.add('overview', every(OVERVIEW_INTERVAL_MS, show, logger));
      closers.add('room mover', every(MOVE_INTERVAL_MS, move, logger));
      closers.add('public rooms', every(SWEEP_INTERVAL_MS, sweep, logger));
      closers.add('room feed', every(FEED_INTERVAL_MS, tell, logger));
    },
  });
}
