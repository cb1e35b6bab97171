import cluster from 'node:cluster';
import type { SignalingConfig } from '@parley/config';
import { closes } from '@parley/protocol';
import {
  createProbes,
  createService,
  listen,
  observedHealth,
  openHealthPort,
  type Metrics,
  type Service,
  type ServiceDeps,
} from '@parley/runtime';
import { createDoor } from './door/door.js';
import { createReception } from './door/reception.js';
import { createInstance } from './instance/instance.js';
import type { Limits } from './limits/limits.js';
import type { ConnectionContext } from './member/connection.js';
import { Connections } from './member/connections.js';
import { Outflow } from './member/outflow.js';
import { createSignalingMetrics, type SignalingMetrics } from './metrics.js';
import { Primary, workerCount } from './workers/primary.js';
import { asWorker, WorkerMetrics } from './workers/worker.js';

/** Of the drain timeout: for closing members, then for what Redis still has to be told, then for their goodbyes. */
const SHARES = { closing: 0.5, telling: 0.2, goodbyes: 0.1 };

/** Answers to probes that are under way at the end get this long. */
const LAST_PROBES_MS = 200;

/** Those who come back after a drain come over so much time for each, and well before their place is lost. */
const RETURN_MS = 2;

/** A time at random, so that not all come at once to those instances that are left. */
function retryAfterMs(connections: number, graceSeconds: number): number {
  return Math.floor(Math.random() * Math.min(connections * RETURN_MS, graceSeconds * 300));
}

/** Signaling: offers, answers and candidates over WebSocket, on any number of instances; see `WORKERS`. */
export function createSignaling(deps: ServiceDeps<SignalingConfig>): Service {
  const count = workerCount(deps.config.WORKERS);
  if (count === 1) return createInstanceService(deps, deps.metrics);
  if (cluster.isPrimary) return new Primary(count, deps.logger);
  return asWorker(createInstanceService(deps, new WorkerMetrics(deps.metrics)));
}

function contextOf(
  { config, logger }: ServiceDeps<SignalingConfig>,
  metrics: SignalingMetrics,
  limits: Limits,
  connections: Connections,
): ConnectionContext {
  return {
    metrics,
    limits,
    outflow: new Outflow(),
    inboxMaxBytes: Math.max(2 * config.MESSAGE_MAX_BYTES, config.HELD_MAX_BYTES),
    retryAfterMs: () => retryAfterMs(connections.size, config.RESUME_GRACE_SECONDS),
    maxBufferedBytes: config.BACKPRESSURE_CLOSE_THRESHOLD_BYTES,
    onDefect: (error) => logger.error({ err: error }, 'a message could not be handled'),
    onEnd: (connection) => {
      connections.delete(connection);
      logger.debug({ memberId: connection.member.id, code: connection.endCode }, 'connection ended');
    },
  };
}

/** @param scraped what `/metrics` shows */
function createInstanceService(deps: ServiceDeps<SignalingConfig>, scraped: Pick<Metrics, 'text'>): Service {
  const { config, logger } = deps;
  const connections = new Connections(config.HEARTBEAT_INTERVAL_MS);
  const metrics: SignalingMetrics = createSignalingMetrics(deps.metrics, {
    connections: () => connections.size,
    rooms: () => instance.rooms.size,
  });
  const instance = createInstance(deps, metrics, () => connections.size);
  const health = observedHealth(deps, { redis: () => instance.redis.ping() });
  const probes = createProbes(health, scraped, instance.redis);
  const { limits } = instance;
  const context = contextOf(deps, metrics, limits, connections);
  let isDraining = false;
  const door = createDoor({
    probes,
    maxMessageBytes: config.MESSAGE_MAX_BYTES,
    subprotocol: config.SUBPROTOCOL,
    compress: config.WS_PER_MESSAGE_DEFLATE,
    onSocket: createReception({
      config,
      logger,
      instance,
      limits,
      connections,
      context,
      tracing: deps.tracing,
      isDraining: () => isDraining,
    }),
  });

  return createService({
    logger,
    health,
    async open(closers) {
      closers.add('traces', () => deps.tracing?.close());
      await openHealthPort(config, probes, closers);
      await instance.open(closers);
      const listener = await listen(door.answer, config.PORT, config.BIND_ADDRESS);
      closers.add('http', () => {
        // Only probes are left; a connection that asks nothing must not hold up the end.
        setTimeout(() => listener.server.closeAllConnections(), LAST_PROBES_MS).unref();
        return listener.close();
      });
      listener.server.on('upgrade', door.upgrade);
      closers.add('sockets', () => door.cutOff(config.DRAIN_TIMEOUT_MS * SHARES.goodbyes));
      connections.startPings();
      closers.add('pings', () => connections.stopPings());
      return listener.address;
    },
    async drain() {
      isDraining = true;
      await connections.closeAll(closes.draining, config.DRAIN_TIMEOUT_MS * SHARES.closing);
      await instance.rooms.untilEmpty(config.DRAIN_TIMEOUT_MS * SHARES.telling);
    },
  });
}
