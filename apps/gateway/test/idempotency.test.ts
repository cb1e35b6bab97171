import { uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';

// Every call goes to the other gateway than the one before.
const { ask, heartbeat, host } = useParley(useStore());

/** A host with so many free slots, alone in its region. */
async function hostWith(slots: number) {
  const report = hostReport({ capacity: slots, availableSlots: slots });
  await heartbeat(report);
  return report;
}

const create = (region: string, key: string, body: object = {}) =>
  ask('POST', '/api/rooms', { region, ...body }, { 'Idempotency-Key': key });

describe('a create with an Idempotency-Key', () => {
  it('that is repeated, on any gateway, gets the same room, token and slot', async () => {
    const { region } = await hostWith(2);
    const key = uniqueId('key');
    const first = await create(region, key);
    const again = await create(region, key);
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect((await create(region, uniqueId('other'))).status).toBe(201);
    expect((await create(region, uniqueId('third'))).status).toBe(503);
    const owner = { Authorization: `Bearer ${String(again.body['ownerToken'])}` };
    expect((await ask('DELETE', `/api/rooms/${String(first.body['roomId'])}`, undefined, owner)).status).toBe(
      204,
    );
  });

  it.each([1, 50])('sent fifty times at once makes one room, with %i free slots', async (slots) => {
    const { region, hostId } = await hostWith(slots);
    const key = uniqueId('key');
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(region, key)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 201));
    expect(new Set(answers.map(({ body }) => body['roomId'])).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body['ownerToken'])).size).toBe(1);
    expect(await host(hostId)).toMatchObject({ free: slots - 1, leases: 1 });
  });

  it('gets the room with the retry, where there was no capacity at first', async () => {
    const region = uniqueId('region');
    const key = uniqueId('key');
    expect((await create(region, key)).status).toBe(503);
    await heartbeat(hostReport({ region }));
    expect((await create(region, key)).status).toBe(201);
  });

  it('that comes with another body is refused', async () => {
    const { region } = await hostWith(2);
    const key = uniqueId('key');
    await create(region, key);
    const { status, body } = await create(region, key, { maxPlayers: 2 });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'idempotency_key_reused', success: false });
  });

  it('does not make a room again that was deleted', async () => {
    const { region } = await hostWith(1);
    const key = uniqueId('key');
    const { body } = await create(region, key);
    const owner = { Authorization: `Bearer ${String(body['ownerToken'])}` };
    await ask('DELETE', `/api/rooms/${String(body['roomId'])}`, undefined, owner);
    expect((await create(region, key)).status).toBe(404);
  });

  it.each(['', 'with space', 'x'.repeat(256)])('that is no key (%j) is refused', async (key) => {
    const { status, body } = await create((await hostWith(1)).region, key);
    expect([status, body['code']]).toEqual([400, 'malformed_request']);
  });
});
