import { uniqueId, useStore } from '@parley/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PoolStore } from '@parley/redis-scripts';
import { hostReport, useGateways, type Ask } from './support.js';

const redis = useStore();
const { gateway, pool } = useGateways();
let one: Ask;
let two: Ask;
let hosts: PoolStore;
beforeAll(async () => {
  const env = { ...redis.env };
  hosts = await pool(env);
  [{ ask: one }, { ask: two }] = await Promise.all([gateway(env), gateway(env)]);
});

/** A region of one host, with so many free slots. */
async function regionOf(slots: number): Promise<string> {
  const report = hostReport({ capacity: slots, availableSlots: slots });
  await hosts.heartbeat(report);
  return report.region;
}

const create = (ask: Ask, region: string, key: string, body: object = {}) =>
  ask('POST', '/api/rooms', { region, ...body }, { 'Idempotency-Key': key });

describe('a create with an Idempotency-Key', () => {
  it('that is repeated, on any gateway, gets the same room, token and slot', async () => {
    const region = await regionOf(2);
    const key = uniqueId('key');
    const first = await create(one, region, key);
    const again = await create(two, region, key);
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect((await create(one, region, uniqueId('other'))).status).toBe(201);
    expect((await create(one, region, uniqueId('third'))).status).toBe(503);
    const owner = { Authorization: `Bearer ${String(again.body['ownerToken'])}` };
    expect((await one('DELETE', `/api/rooms/${String(first.body['roomId'])}`, undefined, owner)).status).toBe(
      204,
    );
  });

  it.each([1, 20])('sent ten times at once makes one room, with %i free slots', async (slots) => {
    const region = await regionOf(slots);
    const key = uniqueId('key');
    const asks = Array.from({ length: 10 }, (_, i) => create(i % 2 ? one : two, region, key));
    const answers = await Promise.all(asks);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(new Set(answers.map(({ body }) => body['roomId'])).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body['ownerToken'])).size).toBe(1);
    const left = await Promise.all(
      Array.from({ length: slots }, () => one('POST', '/api/rooms', { region })),
    );
    expect(left.filter(({ status }) => status === 201)).toHaveLength(slots - 1);
  });

  it('gets the room with the retry, where there was no capacity at first', async () => {
    const region = uniqueId('region');
    const key = uniqueId('key');
    expect((await create(one, region, key)).status).toBe(503);
    await hosts.heartbeat(hostReport({ region }));
    expect((await create(two, region, key)).status).toBe(201);
  });

  it('that comes with another body is refused', async () => {
    const region = await regionOf(2);
    const key = uniqueId('key');
    await create(one, region, key);
    const { status, body } = await create(two, region, key, { maxPlayers: 2 });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'idempotency_key_reused', success: false });
  });

  it('does not make a room again that was deleted', async () => {
    const region = await regionOf(1);
    const key = uniqueId('key');
    const { body } = await create(one, region, key);
    const owner = { Authorization: `Bearer ${String(body['ownerToken'])}` };
    await one('DELETE', `/api/rooms/${String(body['roomId'])}`, undefined, owner);
    expect((await create(two, region, key)).status).toBe(404);
  });

  it.each(['', 'with space', 'x'.repeat(256)])('that is no key (%j) is refused', async (key) => {
    const { status, body } = await create(one, await regionOf(1), key);
    expect([status, body['code']]).toEqual([400, 'malformed_request']);
  });
});
