import { connect } from 'node:net';
import { gatewaySettings, loadConfig } from '@parley/config';
import { RedisConnection } from '@parley/redis-scripts';
import { afterAll } from 'vitest';
import { z } from 'zod';
import {
  createHttpApi,
  createLogger,
  createProbes,
  Health,
  listen,
  Metrics,
  reply,
  route,
  type Listener,
  type Route,
} from '../src/index.js';

const body = z.object({ name: z.string().min(1).max(60_000), count: z.number().int().optional() });

/** What the tests ask for. */
const routes: Route[] = [
  route({ method: 'POST', path: '/echo', body, handle: (request) => reply(200, request.body) }),
  route({
    method: 'GET',
    path: '/things/:id/parts/:part',
    body: z.unknown(),
    handle: ({ params, query, ip }) => reply(200, { ...params, query: Object.fromEntries(query), ip }),
  }),
  route({ method: 'DELETE', path: '/things/:id', body: z.unknown(), handle: () => reply(204) }),
  route({ method: 'GET', path: '/', body: z.unknown(), handle: () => reply(200, 'ok') }),
  route({
    method: 'GET',
    path: '/fail',
    body: z.unknown(),
    handle: () => {
      throw new Error('secret internals');
    },
  }),
];

/** A connection that is closed: nobody answers. */
export function absentRedis(): RedisConnection {
  const redis = new RedisConnection(loadConfig(gatewaySettings, {}));
  redis.close();
  return redis;
}

/** An API of a few routes that listens on a free port until the end of the test file. */
export async function startApi(): Promise<{ port: number; logged: string[]; listener: Listener }> {
  const logged: string[] = [];
  const logger = createLogger('api', { LOG_LEVEL: 'silent', PRETTY_LOGS: false });
  logger.level = 'error';
  const health = new Health();
  health.started();
  const probes = createProbes(health, new Metrics(), absentRedis());
  const capturing = Object.assign(Object.create(logger) as typeof logger, {
    error: (fields: object) => void logged.push(JSON.stringify(fields)),
  });
  const listener = await listen(createHttpApi({ routes, probes, logger: capturing }), 0, '127.0.0.1');
  afterAll(() => listener.close());
  return { port: listener.address.port, logged, listener };
}

/** One answer, with its JSON parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export async function ask(port: number, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? (JSON.parse(text) as Answer['json']) : {},
  };
}

/** Write bytes as they are, and read until the server closes or 2 s passed. */
export function raw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), 2_000);
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
