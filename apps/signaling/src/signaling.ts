import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { SignalingConfig } from '@parley/config';
import { closes } from '@parley/protocol';
import { RedisUnavailableError } from '@parley/redis-scripts';
import {
  createProbes,
  createService,
  Health,
  listen,
  openHealthPort,
  type Service,
  type ServiceDeps,
} from '@parley/runtime';
import { createDoor, refuse } from './door/door.js';
import { readJoinRequest, type JoinRequest } from './door/request.js';
import { createInstance } from './instance/instance.js';
import { Connection, type ConnectionContext } from './member/connection.js';
import { Connections } from './member/connections.js';
import { createSignalingMetrics, type SignalingMetrics } from './metrics.js';

/** Of the drain timeout, this part for closing members; the rest is for what Redis still has to be told. */
const CLOSING_SHARE = 0.5;
const TELLING_SHARE = 0.3;

/** Signaling: offers, answers and candidates over WebSocket, on any number of instances. */
export function createSignaling(deps: ServiceDeps<SignalingConfig>): Service {
  const { config, logger } = deps;
  const connections = new Connections(config.HEARTBEAT_INTERVAL_MS);
  const metrics: SignalingMetrics = createSignalingMetrics(deps.metrics, {
    connections: () => connections.size,
    rooms: () => instance.rooms.size,
  });
  const instance = createInstance(deps, metrics);
  const health = new Health({ redis: () => instance.redis.ping() });
  const probes = createProbes(health, deps.metrics);
  const context: ConnectionContext = {
    metrics,
    earlyMaxBytes: Math.max(2 * config.MESSAGE_MAX_BYTES, config.HELD_MAX_BYTES),
    maxBufferedBytes: config.BACKPRESSURE_CLOSE_THRESHOLD_BYTES,
    onEnd: (connection) => connections.delete(connection),
  };
  let isDraining = false;
  let lastMember = 0;

  function onSocket(socket: WebSocket, request: IncomingMessage): void {
    if (isDraining) return refuse(socket, closes.draining);
    if (instance.redis.isCircuitOpen) return refuse(socket, closes.serviceUnavailable);
    const read = readJoinRequest(request, config.ROOM_ID_MAX_LENGTH);
    if (!read.ok) return refuse(socket, read.close);
    const memberId = `${instance.instanceId}.${(++lastMember).toString(36)}`;
    const connection = new Connection(socket, { memberId, isBrowser: read.request.isBrowser }, context);
    connections.add(connection);
    void join(connection, read.request);
  }

  async function join(connection: Connection, { roomId }: JoinRequest): Promise<void> {
    try {
      const { outcome, room } = await instance.rooms.join(roomId, connection.member);
      if (outcome === 'full') connection.close(closes.roomFull);
      else connection.joined(room);
    } catch (error) {
      const isOutage = error instanceof RedisUnavailableError;
      if (!isOutage) logger.error({ err: error, roomId }, 'join failed');
      connection.close(isOutage ? closes.serviceUnavailable : closes.internalError);
    }
  }

  return createService({
    logger,
    health,
    async open(closers) {
      await openHealthPort(config, probes, closers);
      await instance.open(closers);
      const door = createDoor({ probes, maxMessageBytes: config.MESSAGE_MAX_BYTES, onSocket });
      const listener = await listen(door.answer, config.PORT, config.BIND_ADDRESS);
      closers.add('http', () => listener.close());
      listener.server.on('upgrade', door.upgrade);
      connections.startPings();
      closers.add('pings', () => connections.stopPings());
      return listener.address;
    },
    async drain() {
      isDraining = true;
      await connections.closeAll(closes.draining, config.DRAIN_TIMEOUT_MS * CLOSING_SHARE);
      await instance.rooms.untilEmpty(config.DRAIN_TIMEOUT_MS * TELLING_SHARE);
    },
  });
}
