import { uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';

const parley = useParley(useStore());
const { ask, heartbeat } = parley;
const base64url = (text: string) => Buffer.from(text).toString('base64url');

async function createRoom(body: object = {}, slots = 1) {
  const region = uniqueId('region');
  await heartbeat(hostReport({ region, capacity: slots, availableSlots: slots }));
  return { region, created: await ask('POST', '/api/rooms', { region, ...body }) };
}

describe('the cursor of the public list', () => {
  it.each([
    ['nothing of ours', base64url('hello')],
    ['a range of everything', base64url('+')],
    ['a time alone', base64url('000001700000000')],
    ['a name with something in it', base64url('000001700000000 room\u0000 eu')],
    ['no region', base64url('000001700000000 k7mq-3xwd-p9ht ')],
    ['half a character', Buffer.from([0x30, 0xc3]).toString('base64url')],
    ['other letters', 'a b'],
    ['another spelling', `${base64url('000001700000000 k7mq-3xwd-p9ht eu')}=`],
    ['nothing', ''],
    ['a lot', 'A'.repeat(401)],
  ])('that is %s is refused', async (_, cursor) => {
    const { status, body } = await ask('GET', `/api/rooms?cursor=${encodeURIComponent(cursor)}`);
    expect([status, body['code']]).toEqual([400, 'validation_failed']);
    expect(body['issues']).toMatchObject([{ path: 'cursor' }]);
  });

  it('that the list gave out is taken, wherever its room is by now', async () => {
    const region = uniqueId('region of two words');
    await heartbeat(hostReport({ region, capacity: 3, availableSlots: 3 }));
    for (let i = 0; i < 3; i++) await ask('POST', '/api/rooms', { region, visibility: 'public' });
    const seen: unknown[] = [];
    const list = `/api/rooms?region=${encodeURIComponent(region)}&limit=1`;
    let next: unknown = '';
    do {
      const { status, body } = await ask('GET', next === '' ? list : `${list}&cursor=${String(next)}`);
      expect(status).toBe(200);
      seen.push(...(body['rooms'] as { roomId: string }[]).map(({ roomId }) => roomId));
      next = body['cursor'];
    } while (next !== undefined);
    expect(new Set(seen).size).toBe(3);
  });
});

describe('metadata', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  /** An object whose JSON has exactly so many bytes. */
  const ofBytes = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });

  it.each([
    ['as large as it may be', ofBytes(4_096), 201],
    ['one byte larger', ofBytes(4_097), 400],
    ['larger in bytes than in letters', { a: 'ä'.repeat(2_100) }, 400],
    ['as deep as it may be', nested(4), 201],
    ['deeper', nested(5), 400],
    ['deeper in a list', { a: [[[[1]]]] }, 400],
    ['a list', [], 400],
    ['a text', 'x', 400],
    ['nothing', null, 400],
  ])('%s', async (_, metadata, status) => {
    const { created } = await createRoom({ metadata });
    expect(created.status).toBe(status);
    if (status === 400) expect(created.body['code']).toBe('validation_failed');
    else expect(created.body['metadata']).toEqual(metadata);
  });

  it('that would change what objects are changes nothing', async () => {
    const region = uniqueId('region');
    await heartbeat(hostReport({ region }));
    const response = await fetch(`http://127.0.0.1:${parley.gateways[0].port}/api/rooms`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `{"region":"${region}","visibility":"public","metadata":{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"mode":"ffa"}}`,
    });
    expect(response.status).toBe(201);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    const { body } = await ask('GET', `/api/rooms?region=${region}&metadata.mode=ffa`);
    expect(body['rooms']).toHaveLength(1);
    for (const filter of ['polluted=yes', 'toString=x', '__proto__=x', 'constructor.name=Object']) {
      const found = await ask('GET', `/api/rooms?region=${region}&metadata.${filter}`);
      expect([found.status, found.body['rooms']]).toEqual([200, []]);
    }
  });
});

describe('an Idempotency-Key', () => {
  const create = (gate: 0 | 1, region: string, key: string, body: object) =>
    parley.gateways[gate].ask('POST', '/api/rooms', { region, ...body }, { 'Idempotency-Key': key });

  it('with another body is refused at another gateway, also while the first request still runs', async () => {
    for (let round = 0; round < 10; round++) {
      const region = uniqueId('region');
      await heartbeat(hostReport({ region, capacity: 8, availableSlots: 8 }));
      const key = uniqueId('key');
      const answers = await Promise.all([
        create(0, region, key, { maxPlayers: 2 }),
        create(1, region, key, { maxPlayers: 3 }),
        create(0, region, key, { maxPlayers: 2 }),
        create(1, region, key, { maxPlayers: 3 }),
      ]);
      const made = answers.filter(({ status }) => status === 201);
      const refused = answers.filter(({ status }) => status === 422);
      expect([made.length, refused.length]).toEqual([2, 2]);
      expect(
        new Set(made.map(({ body }) => `${String(body['roomId'])} ${String(body['maxPlayers'])}`)).size,
      ).toBe(1);
      for (const { body, headers } of refused) {
        expect(headers.get('content-type')).toContain('application/problem+json');
        expect(body).toMatchObject({ code: 'idempotency_key_reused', status: 422, success: false });
        expect(body).not.toHaveProperty('roomId');
      }
      // One room, one slot: seven are left.
      const left = await Promise.all(Array.from({ length: 8 }, () => ask('POST', '/api/rooms', { region })));
      expect(left.filter(({ status }) => status === 201)).toHaveLength(7);
    }
  });

  it.each([
    ['another region', { region: 'elsewhere' }],
    ['another order of latencies', { latencies: { a: 2, b: 1 } }],
    ['other metadata', { metadata: { mode: 'duel' } }],
    ['another visibility', { visibility: 'public' }],
    ['a strategy', { strategy: 'packed' }],
  ])('with %s is another request', async (_, change) => {
    const region = uniqueId('region');
    const key = uniqueId('key');
    await create(0, region, key, { latencies: { a: 1, b: 2 }, region: undefined, metadata: { mode: 'ffa' } });
    const body = { latencies: { a: 1, b: 2 }, region: undefined, metadata: { mode: 'ffa' }, ...change };
    expect((await create(1, region, key, body)).status).toBe(422);
  });
});
