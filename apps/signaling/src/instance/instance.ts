import { randomBytes } from 'node:crypto';
import type { SignalingConfig } from '@parley/config';
import {
  InstanceStore,
  reportPresence,
  RoomSubscriber,
  SignalingStore,
  V1Store,
  type SignalingStoreOptions,
  type Presence,
  type RedisConnection,
} from '@parley/redis-scripts';
import { connectionTo, type Closers, type Logger, type ServiceDeps } from '@parley/runtime';
import { Limits } from '../limits/limits.js';
import type { SignalingMetrics } from '../metrics.js';
import type { RoomContext } from '../room/context.js';
import { Rooms } from '../room/rooms.js';
import { Absences } from '../v1/absences.js';
import { readRequest } from '../v1/take-over.js';
import { Lease } from './lease.js';
import { PresenceReporter } from './presence.js';
import { RoomIndex } from './room-index.js';
import { Survivor } from './survivor.js';

/** A room with members is confirmed this often, and forgotten by Redis after three times that without. */
const CONFIRM_MS = 60_000;
const CONFIRM_STEP_MS = 1_000;

function boundsOf(config: SignalingConfig, instanceId: string): SignalingStoreOptions {
  const roomTtlMs = config.ROOM_TTL_SECONDS * 1_000;
  return {
    instanceId,
    capacity: config.ROOM_CAPACITY,
    roomTtlMs,
    aliveMs: Math.max(roomTtlMs, 3 * CONFIRM_MS),
    heldMaxMessages: config.HELD_MAX_MESSAGES,
    heldMaxBytes: config.HELD_MAX_BYTES,
    heldTtlMs: config.HELD_TTL_SECONDS * 1_000,
  };
}

function createStores(redis: RedisConnection, config: SignalingConfig, instanceId: string) {
  const bounds = boundsOf(config, instanceId);
  const graceMs = config.RESUME_GRACE_SECONDS * 1_000;
  const v1 = new V1Store(redis, {
    ...bounds,
    graceMs,
    chatMaxEntries: config.CHAT_HISTORY_MAX,
    chatMaxBytes: config.CHAT_HISTORY_MAX_BYTES,
  });
  const store = new SignalingStore(redis, bounds);
  const instances = new InstanceStore(redis);
  const index = new RoomIndex(instances, instanceId);
  return { store, v1, graceMs, instances, index, limits: new Limits(redis, config) };
}

const reportsTo =
  (logger: Logger): RoomContext['onDefect'] =>
  (error, room, operation) =>
    logger.error({ err: error, roomId: room.id, operation }, 'a room’s operation failed');

/** This process among the signaling instances: its rooms, and all that keeps them in step with Redis. */
export function createInstance(
  deps: ServiceDeps<SignalingConfig>,
  metrics: SignalingMetrics,
  members: () => number,
) {
  const { config, logger } = deps;
  const instanceId = randomBytes(9).toString('base64url');
  const redis = connectionTo(deps);
  const { store, v1, graceMs, instances, index, limits } = createStores(redis, config, instanceId);
  const presence = new PresenceReporter({ report: (state) => reportPresence(redis, state), logger });
  const onPresence = (state: Presence) => presence.add(state);
  const absences: Absences = new Absences({
    store: v1,
    onPresence,
    onOver: (roomId) => rooms.absencesOver(roomId),
    onDefect: (error, roomId) => logger.error({ err: error, roomId }, 'absences could not be ended'),
  });
  const survivor = new Survivor({ instances, store, metrics, logger, onPresence, graceMs, absences, index });
  const subscriber = new RoomSubscriber(redis, instanceId, {
    onEntry: (roomId, entry) => rooms.take(roomId, entry),
    onRequest: (request) => rooms.release(...readRequest(request)),
    onResubscribed: () => void rooms.confirmAll(),
    onProblem: (error) => logger.warn({ err: error }, 'subscription problem'),
  });
  const lease = new Lease({
    redis,
    instances,
    instanceId,
    logger,
    hasRooms: () => rooms.size > 0 || absences.size > 0,
    members,
    onBeat: () => rooms.resume(),
    onLapsed: () => void rooms.confirmAll(),
    onDead: (instanceIds) => survivor.retire(instanceIds),
  });
  const rooms: Rooms = new Rooms({
    redis,
    store,
    v1,
    graceMs,
    absences,
    limits,
    retire: (roomId, deadId) => survivor.retireIn(roomId, deadId),
    ask: (otherId, request) => instances.ask(otherId, request),
    metrics,
    subscriber,
    index,
    mayJudge: () => lease.mayJudge,
    onLoss: () => lease.noticeLoss(),
    judge: (instanceIds) => lease.judge(instanceIds),
    onPresence,
    onDefect: reportsTo(logger),
    outsideSpans: deps.tracing?.outside,
    outboxMaxBytes: Math.max(config.HELD_MAX_BYTES, 4 * config.MESSAGE_MAX_BYTES),
  });

  const open = (closers: Closers) =>
    openAll({ redis, subscriber, presence, rooms, absences, lease }, closers);
  return { instanceId, redis, limits, rooms, open };
}

interface Parts {
  readonly redis: RedisConnection;
  readonly subscriber: RoomSubscriber;
  readonly presence: PresenceReporter;
  readonly rooms: Rooms;
  readonly absences: Absences;
  readonly lease: Lease;
}

async function openAll(parts: Parts, closers: Closers): Promise<void> {
  const { redis, subscriber, presence, rooms, absences, lease } = parts;
  closers.add('redis', () => redis.close());
  await redis.connect();
  closers.add('subscriber', () => subscriber.close());
  await subscriber.connect();
  closers.add('presence', async () => {
    await presence.flush();
    presence.close();
  });
  closers.add('rooms', () => rooms.close());
  const confirming = setInterval(() => rooms.confirmSome(CONFIRM_STEP_MS / CONFIRM_MS), CONFIRM_STEP_MS);
  closers.add('confirming', () => clearInterval(confirming));
  closers.add('absences', () => absences.close());
  closers.add('lease', () => lease.close());
  await lease.start();
}

export type Instance = ReturnType<typeof createInstance>;
