import { gatewaySettings, loadConfig, type RedisConfig } from '@parley/config';
import { afterEach, type afterAll } from 'vitest';
import { RedisConnection, type ConnectionEvents } from '../src/index.js';

/** Settings as a service gets them. */
export function redisConfig(env: Record<string, string>): RedisConfig {
  return loadConfig(gatewaySettings, env);
}

/** Connections that close at the end of the test that made them, or of the file: tests of one moment share no end. */
export function useConnections(until: typeof afterEach | typeof afterAll = afterEach) {
  const open: RedisConnection[] = [];
  until(() => open.splice(0).forEach((connection) => connection.close()));
  return async (env: Record<string, string>, events: ConnectionEvents = {}): Promise<RedisConnection> => {
    const connection = new RedisConnection(redisConfig(env), events);
    open.push(connection);
    await connection.connect();
    return connection;
  };
}
