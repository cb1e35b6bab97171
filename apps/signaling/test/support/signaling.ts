import { afterAll, beforeAll } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { Metrics, createLogger, type Service } from '@parley/runtime';
import { generousLimits, openSocket, uniqueId, type SocketOptions, type TestSocket } from '@parley/testkit';
import type { WebSocket } from 'ws';
import { createSignaling } from '../../src/signaling.js';

export { generousLimits };

/** One signaling instance in this process. */
export interface TestInstance {
  readonly service: Service;
  readonly port: number;
  readonly url: string;
  metrics(): Promise<string>;
}

/** Start an instance on a free port. */
export async function startInstance(env: Readonly<Record<string, string>>): Promise<TestInstance> {
  const config = loadConfig(signalingSettings, {
    PORT: '0',
    BIND_ADDRESS: '127.0.0.1',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...env,
  });
  const metrics = new Metrics();
  const service = createSignaling({ config, logger: createLogger('signaling', config), metrics });
  const { port } = await service.start();
  return {
    service,
    port,
    url: `ws://127.0.0.1:${port}`,
    metrics: async () => (await metrics.text()).body,
  };
}

/** Every scenario runs on one instance and across two: the members of a room take turns. */
export const layouts = [
  { layout: 'one instance', count: 1 },
  { layout: 'two instances', count: 2 },
] as const;

/** Instances of one test file, and members that join them in turn. */
export interface TestSignaling {
  readonly instances: TestInstance[];
  /** Connect a member; each next one of a room goes to the next instance. */
  join(roomId: string, options?: SocketOptions, atOpen?: (socket: WebSocket) => void): Promise<TestSocket>;
  room(): string;
}

/** Run instances against a Redis for this file's (or block's) tests. */
export function useSignaling(
  redis: { readonly env: Readonly<Record<string, string>> },
  count: number,
  env: Readonly<Record<string, string>> = {},
): TestSignaling {
  const instances: TestInstance[] = [];
  const joins = new Map<string, number>();
  beforeAll(async () => {
    for (let i = 0; i < count; i += 1) {
      instances.push(await startInstance({ ...generousLimits, ...redis.env, ...env }));
    }
  });
  afterAll(async () => {
    await Promise.all(instances.map(({ service }) => service.stop()));
  });
  return {
    instances,
    join(roomId, options, atOpen) {
      const turn = joins.get(roomId) ?? 0;
      joins.set(roomId, turn + 1);
      const instance = instances[turn % instances.length];
      if (!instance) throw new Error('no instance runs');
      return openSocket(`${instance.url}/?roomId=${roomId}`, options, atOpen);
    },
    room: () => uniqueId('room'),
  };
}
