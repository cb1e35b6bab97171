import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';

const { ask, heartbeat } = useParley(useStore());

interface Created {
  readonly roomId: string;
  readonly ownerToken: string;
}

/** A region with a host that has so many slots. */
async function regionOf(slots: number): Promise<string> {
  const report = hostReport({ capacity: slots, availableSlots: slots });
  await heartbeat(report);
  return report.region;
}

async function createRoom(region: string, body: object = {}): Promise<Created> {
  const answer = await ask('POST', '/api/rooms', { region, visibility: 'public', ...body });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Created;
}

const bearer = ({ ownerToken }: Created) => ({ Authorization: `Bearer ${ownerToken}` });

async function list(query: string): Promise<{ roomIds: string[]; cursor?: string; rooms: unknown[] }> {
  const { status, body } = await ask('GET', `/api/rooms?${query}`);
  expect(status).toBe(200);
  const rooms = body['rooms'] as { roomId: string }[];
  return { rooms, roomIds: rooms.map(({ roomId }) => roomId), ...(body as { cursor?: string }) };
}

describe('the list of rooms', () => {
  it('has public rooms, newest first, and never private ones', async () => {
    const region = await regionOf(3);
    const first = await createRoom(region, { metadata: { mode: 'ffa', round: 2 } });
    await createRoom(region, { visibility: 'private' });
    const createdAt = Number((await ask('GET', `/api/rooms/${first.roomId}`)).body['createdAt']);
    await waitFor(() => Date.now() > createdAt, 'the next millisecond');
    const last = await createRoom(region);
    const { roomIds, rooms } = await list(`region=${region}`);
    expect(roomIds).toEqual([last.roomId, first.roomId]);
    const shown = rooms.find((room) => (room as Created).roomId === first.roomId);
    expect(shown).toEqual({
      roomId: first.roomId,
      region,
      status: 'open',
      players: 0,
      maxPlayers: 10_000,
      visibility: 'public',
      locked: false,
      metadata: { mode: 'ffa', round: 2 },
      createdAt: expect.any(Number) as number,
    });
  });

  it('comes in pages that together have each room once', async () => {
    const region = await regionOf(10);
    const created = await Promise.all(Array.from({ length: 7 }, () => createRoom(region)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(`region=${region}&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      expect(page.roomIds.length).toBeLessThanOrEqual(3);
      seen.push(...page.roomIds);
      cursor = page.cursor;
    } while (cursor);
    expect(seen.toSorted()).toEqual(created.map(({ roomId }) => roomId).toSorted());
  });

  it('of all regions has those of each', async () => {
    const rooms = [await createRoom(await regionOf(1)), await createRoom(await regionOf(1))];
    const { roomIds } = await list('limit=100');
    for (const { roomId } of rooms) expect(roomIds).toContain(roomId);
  });

  it('is filtered by metadata', async () => {
    const region = await regionOf(3);
    const wanted = await createRoom(region, { metadata: { mode: 'duel', ranked: true } });
    await createRoom(region, { metadata: { mode: 'ffa' } });
    await createRoom(region, { metadata: { mode: { deep: 'duel' } } });
    expect((await list(`region=${region}&metadata.mode=duel&metadata.ranked=true`)).roomIds).toEqual([
      wanted.roomId,
    ]);
  });

  it('loses a room that was deleted', async () => {
    const region = await regionOf(1);
    const room = await createRoom(region);
    await ask('DELETE', `/api/rooms/${room.roomId}`, undefined, bearer(room));
    expect((await list(`region=${region}`)).roomIds).toEqual([]);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=%00', 'region='])(
    'asked with %s is a 400',
    async (query) => {
      const { status, body } = await ask('GET', `/api/rooms?${query}`);
      expect([status, body['code']]).toEqual([400, 'validation_failed']);
    },
  );
});

describe('the owner of a room', () => {
  it('changes what others see of it, and how many may play', async () => {
    const region = await regionOf(1);
    const room = await createRoom(region);
    const path = `/api/rooms/${room.roomId}`;
    const changes = { visibility: 'private', metadata: { mode: 'new' }, maxPlayers: 1 };
    const { status, body } = await ask('PATCH', path, changes, bearer(room));
    expect(status).toBe(200);
    expect(body).toMatchObject({ roomId: room.roomId, ...changes });
    expect((await list(`region=${region}`)).roomIds).toEqual([]);
    await ask('PATCH', path, { visibility: 'public' }, bearer(room));
    expect((await list(`region=${region}`)).roomIds).toEqual([room.roomId]);
    expect((await ask('POST', `${path}/join`)).status).toBe(200);
    expect((await ask('POST', `${path}/join`)).body['code']).toBe('room_full');
  });

  it('locks it: nobody joins any more', async () => {
    const room = await createRoom(await regionOf(1));
    const path = `/api/rooms/${room.roomId}`;
    await ask('PATCH', path, { locked: true }, bearer(room));
    const { status, body } = await ask('POST', `${path}/join`);
    expect([status, body['code']]).toEqual([409, 'room_locked']);
    await ask('PATCH', path, { locked: false }, bearer(room));
    expect((await ask('POST', `${path}/join`)).status).toBe(200);
  });

  it('is the only one who may', async () => {
    const room = await createRoom(await regionOf(1));
    const path = `/api/rooms/${room.roomId}`;
    expect((await ask('PATCH', path, { maxPlayers: 'x' })).status).toBe(401);
    expect((await ask('PATCH', path, {}, { Authorization: 'Bearer other' })).status).toBe(403);
    expect((await ask('PATCH', '/api/rooms/none', {}, bearer(room))).status).toBe(404);
    expect((await ask('PATCH', path, { maxPlayers: 0 }, bearer(room))).status).toBe(400);
  });
});

describe('metadata', () => {
  const nested = (depth: number): object => (depth === 0 ? {} : { in: nested(depth - 1) });

  it.each([
    ['too large', { text: 'x'.repeat(4_096) }],
    ['too deep', nested(5)],
    ['far too deep', nested(3_000)],
    ['no object', ['x']],
  ])('that is %s is refused', async (_what, metadata) => {
    const { status, body } = await ask('POST', '/api/rooms', { metadata });
    expect([status, body['code']]).toEqual([400, 'validation_failed']);
  });

  it('of the largest size and depth is kept as it came', async () => {
    const metadata = { text: 'ü'.repeat(2_000), deep: { a: { b: [1] } } };
    const room = await createRoom(await regionOf(1), { metadata });
    expect((await ask('GET', `/api/rooms/${room.roomId}`)).body['metadata']).toEqual(metadata);
  });
});

describe('where a room goes', () => {
  it('is the nearest region that the client can reach', async () => {
    const [far, near, unreachable] = [await regionOf(1), await regionOf(1), await regionOf(1)];
    const latencies = { [far]: 80, [near]: 12.5, [unreachable]: null, [uniqueId('empty')]: 1 };
    const where = async () => (await ask('POST', '/api/rooms', { latencies })).body['region'];
    expect([await where(), await where(), await where()]).toEqual([near, far, undefined]);
  });
});
