import { Cluster, Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import {
  lookInside,
  startCommandGate,
  uniqueId,
  useCluster,
  useRedis,
  type CommandGate,
  type CommandGateOptions,
} from '../src/index.js';
import { CommandReader, commandName } from '../src/command-reader.js';

const redis = useRedis();
const cluster = useCluster();
const KEYS = 30;
const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function gateTo(env: Readonly<Record<string, string>>, options?: CommandGateOptions) {
  const gate = await startCommandGate(env, options);
  stops.push(() => gate.stop());
  return gate;
}

async function clientOf({ env }: CommandGate): Promise<Redis | Cluster> {
  const nodes = env['REDIS_CLUSTER_NODES'];
  const client = nodes === undefined ? new Redis(env['REDIS_URL'] ?? '') : new Cluster(nodes.split(','));
  client.on('error', () => {});
  stops.push(() => client.disconnect());
  await client.ping();
  return client;
}

/** What a client sends by itself, to each node that it comes to. */
const greetings = ['HELLO', 'CLIENT', 'INFO', 'CLUSTER', 'READONLY', 'ASKING'];

describe.each([
  ['one Redis', () => redis.env],
  ['a Redis Cluster', () => cluster.env],
])('a gate to %s', (_, envOf) => {
  it.each([0, 1, 7, KEYS])('lets exactly %i commands pass, and not the answer to the last', async (count) => {
    const env: Readonly<Record<string, string>> = envOf();
    const gate = await gateTo(env, { uncounted: new Set(greetings) });
    const client = await clientOf(gate);
    const prefix = uniqueId('key');
    const held = gate.holdAfter(count);
    let answered = 0;
    for (let key = 0; key < KEYS; key++) {
      client.set(`${prefix}:${key}`, 1).then(
        () => (answered += 1),
        () => undefined,
      );
    }
    expect(await held).toBe('SET');
    expect(await lookInside(env, (inside) => inside.keys(`${prefix}:*`))).toHaveLength(count);
    await gate.stop();
    client.disconnect();
    expect(answered).toBeLessThan(Math.max(1, count));
    expect(await lookInside(env, (inside) => inside.keys(`${prefix}:*`))).toHaveLength(count);
  });

  it('does not count what it is told not to', async () => {
    const env: Readonly<Record<string, string>> = envOf();
    const gate = await gateTo(env, { uncounted: new Set([...greetings, 'GET']) });
    const client = await clientOf(gate);
    const key = uniqueId('key');
    const held = gate.holdAfter(1);
    for (let i = 0; i < 5; i++) expect(await client.get(key)).toBeNull();
    client.set(key, 1).catch(() => undefined);
    expect(await held).toBe('SET');
    expect(gate.seen).toContain('GET');
  });
});

describe('the commands of a connection', () => {
  const bytes = Buffer.from(
    '*2\r\n$3\r\nGET\r\n$4\r\n\r\n*1\r\n*3\r\n$7\r\nevalsha\r\n$2\r\nab\r\n$0\r\n\r\n',
  );

  it.each([1, 2, 5, 1_000])('are told apart also when they come in pieces of %i', (size) => {
    const reader = new CommandReader();
    const commands = [];
    for (let at = 0; at < bytes.length; at += size)
      commands.push(...reader.read(bytes.subarray(at, at + size)));
    expect(commands.map(({ parts }) => parts.map(String))).toEqual([
      ['GET', '\r\n*1'],
      ['evalsha', 'ab', ''],
    ]);
    expect(Buffer.concat(commands.map((command) => command.bytes))).toEqual(bytes);
  });

  it('that run a script have the same name by its text as by its digest', () => {
    const name = (...parts: string[]) => commandName(parts.map((part) => Buffer.from(part)));
    expect(name('EVAL', 'return 1', '0')).toBe(
      name('evalsha', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', '0'),
    );
    expect(name('get', 'key')).toBe('GET');
    expect(name('PING')).toBe('PING');
  });
});

it('one sees what a Redis holds', async () => {
  const key = uniqueId('key');
  const client = await clientOf(await gateTo(redis.env));
  await client.hset(`${key}:hash`, 'field', 'value');
  await client.zadd(`${key}:zset`, 1.5, 'one', 2, 'two');
  await lookInside(redis.env, async (inside) => {
    expect((await inside.keys(`${key}*`)).toSorted()).toEqual([`${key}:hash`, `${key}:zset`]);
    expect(await inside.hash(`${key}:hash`)).toEqual({ field: 'value' });
    expect(await inside.scores(`${key}:zset`)).toEqual(
      new Map([
        ['one', 1.5],
        ['two', 2],
      ]),
    );
  });
});
