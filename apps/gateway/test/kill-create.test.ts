import { createKeys } from '@parley/redis-scripts';
import { lookInside, uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import type { Answer, Ask } from './ask.js';
import { atEachStep, eventually, TIMEOUT_MS, useDoomedGateways } from './doomed-gateways.js';
import { startGameServer } from './hosts.js';
import { useParley } from './support.js';
import { bearer } from './user-token.js';

/** How long a room that nobody opens holds its slot; what a busy machine may take until its host hears of it. */
const ROOM_TTL_SECONDS = 8;
const parley = useParley(useStore(), {
  HOST_TTL_SECONDS: '30',
  LEASE_TTL_SECONDS: '1',
  ROOM_TTL_SECONDS: String(ROOM_TTL_SECONDS),
});
const { start } = useDoomedGateways(() => parley.env);
const { ask, host } = parley;
const SLOTS = 2;
/** The lease of a room that nobody comes to, and as long again for what is due then. Its host lives for longer. */
const SLOT_BACK_MS = 2 * ROOM_TTL_SECONDS * 1_000;

/** The records of a region's rooms, and whether each has a host and a lease of the pool. */
async function roomsIn(region: string): Promise<{ roomId: string; isHeld: boolean }[]> {
  const { room, pool } = createKeys('');
  return lookInside(parley.env, async (inside) => {
    const leases = await inside.scores(pool.leases(region));
    const rooms: { roomId: string; isHeld: boolean }[] = [];
    for (const key of await inside.keys(room.record('*'))) {
      const record = await inside.hash(key);
      if (record['region'] !== region) continue;
      const isHeld = record['hostId'] !== '' && leases.has(record['leaseId'] ?? '');
      rooms.push({ roomId: key.slice(key.indexOf(':') + 1, key.indexOf('}')), isHeld });
    }
    return rooms;
  });
}

async function slotsAreBack(hostId: string): Promise<void> {
  const isBack = async () => {
    const { free, leases, sessions } = (await host(hostId)) ?? {};
    return free === SLOTS && leases === 0 && sessions === 0;
  };
  await eventually(isBack, 'all slots are free again', SLOT_BACK_MS);
}

const listed = async (region: string) =>
  ((await ask('GET', `/api/rooms?region=${region}`)).body['rooms'] as { roomId: string }[]).map(
    ({ roomId }) => roomId,
  );

/** A gateway that is killed while it creates a room on a host that is alone in its region. */
async function killedCreate(commands: number, headers: Record<string, string>) {
  const doomed = await start();
  const server = await startGameServer(parley, { slots: SLOTS, players: 0 });
  const { region, hostId } = server.report;
  const create = (one: Ask) => one('POST', '/api/rooms', { region, visibility: 'public' }, headers);
  const fate = await doomed.killAfter(commands, create);
  const diedAfter = 'diedAfter' in fate ? fate.diedAfter : undefined;
  const answer = 'answer' in fate ? fate.answer : undefined;
  for (const { roomId, isHeld } of await roomsIn(region)) {
    expect(isHeld, `${roomId} has a host and a lease`).toBe(true);
  }
  return { server, region, hostId, create, diedAfter, answer };
}

describe('a gateway that is killed while it creates a room', { timeout: TIMEOUT_MS }, () => {
  it('leaks neither a slot nor a room, after whichever command', async () => {
    const deaths = await atEachStep(async (commands) => {
      const { server, region, hostId, diedAfter } = await killedCreate(commands, {});
      const left = await roomsIn(region);
      server.live();
      const afterwards = async () => {
        await slotsAreBack(hostId);
        for (const { roomId } of left) {
          const isGone = async () => (await ask('GET', `/api/rooms/${roomId}`)).status === 404;
          await eventually(isGone, 'the room that nobody heard of is gone', SLOT_BACK_MS);
        }
        expect(await listed(region)).toEqual([]);
      };
      return { diedAfter, afterwards: afterwards() };
    });
    expect(deaths.length).toBeGreaterThanOrEqual(5);
  });

  it('leaves it to a retry with its Idempotency-Key at another one: one room, on one slot', async () => {
    const deaths = await atEachStep(async (commands) => {
      const headers = { 'Idempotency-Key': uniqueId('key') };
      const { server, region, hostId, create, diedAfter, answer } = await killedCreate(commands, headers);
      const afterwards = async () => {
        const retries = [await create(ask), await create(ask)];
        server.live();
        const rooms = [...retries, ...(answer ? [answer] : [])];
        expect(rooms.map(({ status }: Answer) => status)).toEqual(rooms.map(() => 201));
        const [roomId = '', more] = new Set(rooms.map(({ body }) => String(body['roomId'])));
        const [ownerToken = '', moreTokens] = new Set(rooms.map(({ body }) => String(body['ownerToken'])));
        expect([more, moreTokens]).toEqual([undefined, undefined]);
        await eventually(() => server.held.has(roomId), 'its host hears of it');
        expect([...server.held]).toEqual([roomId]);
        expect(await listed(region)).toEqual([roomId]);
        const deleted = await ask('DELETE', `/api/rooms/${roomId}`, undefined, bearer(ownerToken));
        expect(deleted.status).toBe(204);
        await slotsAreBack(hostId);
      };
      return { diedAfter, afterwards: afterwards() };
    });
    expect(deaths.length).toBeGreaterThanOrEqual(7);
  });
});
