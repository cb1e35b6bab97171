import { loadConfig, matchmakerSettings } from '@parley/config';
import { createLogger, Metrics, type Service } from '@parley/runtime';
import { uniqueId } from '@parley/testkit';
import { afterAll } from 'vitest';
import { createMatchmaker } from '../src/matchmaker.js';

/** One answer, with its JSON parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** Asks one matchmaker; as a host, unless other headers are given. */
export type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export const HOST_SECRET = 'a-secret-of-the-tests';

function asker(port: number): Ask {
  return async (method, path, body, headers = { Authorization: `Bearer ${HOST_SECRET}` }) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
    };
  };
}

/** Matchmakers in this process, each on a free port; stopped after the file's last test. */
export function useMatchmakers() {
  const services: Service[] = [];
  afterAll(async () => {
    for (const service of services.splice(0)) await service.stop();
  });
  return async (env: Record<string, string>): Promise<{ ask: Ask; port: number; service: Service }> => {
    const config = loadConfig(matchmakerSettings, {
      PORT: '0',
      BIND_ADDRESS: '127.0.0.1',
      HOST_SECRET,
      ...env,
    });
    const logger = createLogger('matchmaker', { LOG_LEVEL: 'silent', PRETTY_LOGS: false });
    const service = createMatchmaker({ config, logger, metrics: new Metrics() });
    services.push(service);
    const { port } = await service.start();
    return { ask: asker(port), port, service };
  };
}

/** A heartbeat of a host that is alone in its region: it always says idle, with one slot, as the real ones do. */
export function heartbeat(fields: Record<string, unknown> = {}) {
  const hostId = uniqueId('host');
  return { hostId, roomId: `room-${hostId}`, region: uniqueId('region'), status: 'idle', ...fields };
}
