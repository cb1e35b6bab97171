import { uniqueId, useRedis } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { RedisUnavailableError } from '../src/index.js';
import type { Script } from '../src/script/define.js';
import { createHash } from 'node:crypto';
import { useConnections } from './support.js';

const redis = useRedis();
const connect = useConnections();

function script(lua: string): Script<'key', 'value'> {
  const sha1 = createHash('sha1').update(lua).digest('hex');
  return { name: 'under-test', lua, sha1, keys: ['key'], argv: ['value'], shared: [] };
}

const input = (value: string) => ({ keys: { key: uniqueId('key') }, argv: { value } });

describe('running a script', () => {
  it('works before Redis knows it, and again after SCRIPT FLUSH', async () => {
    const connection = await connect({ REDIS_URL: redis.url });
    const echo = script(`return { KEYS[1], ARGV[1] } -- ${uniqueId('unknown')}`);
    const first = input('one');
    expect(await connection.run(echo, first)).toEqual([first.keys.key, 'one']);
    await connection.command('flush', (client) => client.script('FLUSH'));
    const second = input('two');
    expect(await connection.run(echo, second)).toEqual([second.keys.key, 'two']);
  });

  it('passes a list after the named arguments', async () => {
    const connection = await connect({ REDIS_URL: redis.url });
    expect(await connection.run(script('return #ARGV'), { ...input('one'), rest: ['two', 3] })).toBe(3);
  });

  it('reports a defect of the script as itself, not as an outage, and leaves the circuit closed', async () => {
    const connection = await connect({ REDIS_URL: redis.url, CB_ERROR_THRESHOLD: '1' });
    const failing = connection.run(script("return redis.call('HGET', KEYS[1])"), input(''));
    await expect(failing).rejects.toThrow(/wrong number/i);
    await expect(failing).rejects.not.toBeInstanceOf(RedisUnavailableError);
    expect(connection.isCircuitOpen).toBe(false);
  });
});
