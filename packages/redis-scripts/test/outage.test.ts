import { startRedis, waitFor, type RunningRedis } from '@parley/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisUnavailableError, type RedisConnection } from '../src/index.js';
import { useConnections } from './support.js';

const connect = useConnections();
const running: RunningRedis[] = [];
afterEach(() => Promise.all(running.splice(0).map((redis) => redis.stop())));

async function ownRedis(port?: number): Promise<RunningRedis> {
  const redis = await startRedis({ ignoreUrl: true, ...(port !== undefined && { port }) });
  running.push(redis);
  return redis;
}

function signal(redis: RunningRedis, name: NodeJS.Signals): void {
  if (redis.pid === undefined) throw new Error('not a Redis of this test');
  process.kill(redis.pid, name);
}

const TIMEOUT_MS = 200;
const env = (redis: RunningRedis) => ({
  REDIS_URL: redis.url,
  REDIS_COMMAND_TIMEOUT_MS: String(TIMEOUT_MS),
  CB_ERROR_THRESHOLD: '3',
  CB_OPEN_MS: '300',
});
const ask = (connection: RedisConnection) => connection.command('ask', (client) => client.echo('hello'));

describe('a Redis that hangs', () => {
  it('is given up on within the command timeout, and used again when it goes on', async () => {
    const redis = await ownRedis();
    const connection = await connect(env(redis));
    signal(redis, 'SIGSTOP');
    const startedAt = performance.now();
    await expect(ask(connection)).rejects.toBeInstanceOf(RedisUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS * 3);
    expect(await connection.ping()).toBe(false);
    signal(redis, 'SIGCONT');
    expect(await waitFor(() => ask(connection), 'Redis answers again')).toBe('hello');
  });

  it('opens the circuit, which then refuses without waiting, and closes by itself', async () => {
    const redis = await ownRedis();
    const changes: boolean[] = [];
    const connection = await connect(env(redis), { onCircuit: (open) => changes.push(open) });
    signal(redis, 'SIGSTOP');
    for (let i = 0; i < 3; i++) await expect(ask(connection)).rejects.toBeInstanceOf(RedisUnavailableError);
    expect(connection.isCircuitOpen).toBe(true);
    const startedAt = performance.now();
    await expect(ask(connection)).rejects.toThrow(/circuit is open/);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS / 4);
    signal(redis, 'SIGCONT');
    await waitFor(() => ask(connection), 'the circuit closes');
    expect(connection.isCircuitOpen).toBe(false);
    expect(changes).toEqual([true, false]);
  });
});

describe('a Redis that dies', () => {
  it('is refused at once while it is away, and used again after its restart', async () => {
    const redis = await ownRedis();
    const ups: boolean[] = [];
    const connection = await connect(env(redis), { onUp: (up) => ups.push(up) });
    expect(connection.isUp).toBe(true);
    const { port } = new URL(redis.url);
    await redis.stop();
    await waitFor(() => !connection.isUp, 'the loss is noticed');
    const startedAt = performance.now();
    await expect(ask(connection)).rejects.toBeInstanceOf(RedisUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
    await ownRedis(Number(port));
    expect(await waitFor(() => ask(connection), 'Redis answers again')).toBe('hello');
    await waitFor(() => connection.isUp, 'it is usable again');
    expect(ups).toEqual([true, false, true]);
  });
});

describe('a service that starts during an outage', () => {
  it('does not fail, and finds Redis when it comes', async () => {
    const redis = await ownRedis();
    const { port } = new URL(redis.url);
    await redis.stop();
    const connection = await connect(env(redis));
    expect(connection.isUp).toBe(false);
    await expect(ask(connection)).rejects.toBeInstanceOf(RedisUnavailableError);
    await ownRedis(Number(port));
    await waitFor(() => connection.isUp, 'Redis is found');
    expect(await waitFor(() => ask(connection), 'the circuit closes')).toBe('hello');
  });
});

describe('a Redis that could not be checked', () => {
  it('is checked again when it is asked for, instead of staying unusable until the next reconnect', async () => {
    const redis = await ownRedis();
    const operator = await connect(env(redis));
    const acl = (rule: string) => operator.command('acl', (client) => client.acl('SETUSER', 'default', rule));
    await acl('-info');
    const connection = await connect(env(redis));
    expect(await connection.ping()).toBe(false);
    await acl('+info');
    expect(await connection.ping()).toBe(true);
  });
});
