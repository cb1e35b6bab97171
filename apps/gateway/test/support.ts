import { gatewaySettings, loadConfig } from '@parley/config';
import {
  HostRooms,
  PoolStore,
  RedisConnection,
  RoomMover,
  roomTimes,
  type HostReport,
} from '@parley/redis-scripts';
import { createLogger, Metrics, type Service } from '@parley/runtime';
import { uniqueId } from '@parley/testkit';
import { afterAll } from 'vitest';
import { createGateway } from '../src/gateway.js';

/** One answer, with its JSON parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Asks one gateway. */
export type Ask = (
  method: Method,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

function asker(port: number): Ask {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? (JSON.parse(text) as Answer['body']) : {},
    };
  };
}

const stops: (() => Promise<void> | void)[] = [];

/** Stop what this file started, after its last test. */
export function useGateways() {
  afterAll(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function gateway(env: Record<string, string>): Promise<{ ask: Ask; service: Service; port: number }> {
    const config = loadConfig(gatewaySettings, { PORT: '0', BIND_ADDRESS: '127.0.0.1', ...env });
    const logger = createLogger('gateway', { LOG_LEVEL: 'silent', PRETTY_LOGS: false });
    const service = createGateway({ config, logger, metrics: new Metrics() });
    stops.push(() => service.stop());
    const { port } = await service.start();
    return { ask: asker(port), service, port };
  }

  async function pool(env: Record<string, string>): Promise<PoolStore> {
    const config = loadConfig(gatewaySettings, env);
    const connection = new RedisConnection(config);
    stops.push(() => connection.close());
    await connection.connect();
    return new PoolStore(connection, config);
  }

  /** What a matchmaker does with heartbeats and goodbyes. */
  async function matchmaker(env: Record<string, string>) {
    const config = loadConfig(gatewaySettings, env);
    const connection = new RedisConnection(config);
    stops.push(() => connection.close());
    await connection.connect();
    const hosts = new PoolStore(connection, config);
    const times = roomTimes(config);
    const rooms = new HostRooms(connection, new RoomMover(connection, hosts, times), hosts, times);
    return {
      async heartbeat(report: HostReport) {
        await hosts.heartbeat(report);
        return rooms.heard(report);
      },
      async goodbye(hostId: string) {
        await hosts.removeHost(hostId);
        await rooms.goodbye(hostId);
      },
    };
  }

  return { gateway, pool, matchmaker };
}

/** A host as it reports itself: a game server, unless told otherwise. */
export function hostReport(fields: Partial<HostReport> = {}): HostReport {
  const hostId = uniqueId('host');
  return {
    hostId,
    region: uniqueId('region'),
    roomId: `room-${hostId}`,
    status: 'idle',
    capacity: 1,
    availableSlots: 1,
    address: '192.0.2.7:7777',
    ...fields,
  };
}
