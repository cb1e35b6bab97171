import { uniqueId, waitFor } from '@parley/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Assignments,
  decodeEntry,
  HostRooms,
  PoolStore,
  RoomMover,
  RoomNews,
  RoomStore,
  RoomSubscriber,
  SignalingStore,
  type RedisConnection,
} from '../src/index.js';
import { useConnection } from './pool-support.js';

const connect = useConnection();
const TIMES = { leaseMs: 600, keepMs: 600, emptyMs: 600, seatTtlMs: 300, hostTtlMs: 500 };

let connection: RedisConnection;
let rooms: RoomStore;
let pool: PoolStore;
let hostRooms: HostRooms;
let signaling: SignalingStore;
let subscriber: RoomSubscriber;
/** Messages that were published, by room. */
let heard: { roomId: string; message: Record<string, unknown> }[];

beforeEach(async () => {
  connection = await connect();
  rooms = new RoomStore(connection, TIMES);
  pool = new PoolStore(connection, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 });
  hostRooms = new HostRooms(connection, new RoomMover(connection, pool, TIMES), pool, TIMES);
  const bounds = { heldMaxMessages: 10, heldMaxBytes: 10_000, heldTtlMs: 10_000 };
  signaling = new SignalingStore(connection, {
    instanceId: 'an-instance',
    capacity: 4,
    roomTtlMs: 60_000,
    aliveMs: 60_000,
    ...bounds,
  });
  heard = [];
  subscriber = new RoomSubscriber(connection, 'an-instance', {
    onEntry(roomId, text) {
      const entry = decodeEntry(text);
      if (entry.kind !== 'messages') return;
      for (const each of entry.messages) {
        heard.push({ roomId, message: JSON.parse(each.text) as Record<string, unknown> });
      }
    },
    onResubscribed: () => {},
  });
  await subscriber.connect();
});
afterEach(() => subscriber.close());

/** A streaming host in a region of its own, in its signaling room, and a room that was given to it. */
async function roomOnHost() {
  const region = uniqueId('region');
  const hostId = uniqueId('host');
  const hostRoomId = `own-${hostId}`;
  const beat = async () => {
    const report = { hostId, region, roomId: hostRoomId, status: 'idle', capacity: 1 } as const;
    await pool.heartbeat({ ...report, availableSlots: 1 });
    return hostRooms.heard(report);
  };
  await beat();
  await subscriber.subscribe(hostRoomId);
  await signaling.join(hostRoomId, [{ memberId: 'the-host', evidence: 'answered' }]);
  const lease = await pool.allocate({ regions: [region], kinds: ['streaming'], leaseTtlMs: TIMES.leaseMs });
  if (lease.outcome === 'none') throw new Error('no slot');
  const { leaseId, expiresAtMs } = lease;
  const room = await rooms.create({
    roomId: uniqueId('room'),
    hostId,
    region,
    hostRoomId,
    leaseId,
    expiresAtMs,
    maxPlayers: 2,
    ownerHash: 'x',
    where: { regions: [region] },
    visibility: 'private',
    metadata: {},
  });
  if (!room) throw new Error('no room');
  await new Assignments(connection).add(hostId, room.roomId, TIMES.hostTtlMs);
  return { beat, region, room, hostRoomId };
}

const enter = (roomId: string, ...memberIds: string[]) =>
  signaling.join(
    roomId,
    memberIds.map((memberId) => ({ memberId, evidence: 'none' as const })),
  );

describe('a room on a streaming host', () => {
  it('is told to the host in its own signaling room, at once', async () => {
    const { room, hostRoomId } = await roomOnHost();
    await new RoomNews(connection).assigned(room);
    const told = await waitFor(() => heard.find((each) => each.roomId === hostRoomId), 'the host is told');
    expect(told.message).toEqual({
      type: 'control',
      action: 'room-assigned',
      payload: { roomId: room.roomId, leaseId: room.leaseId, expiresAt: room.expiresAtMs },
    });
  });

  it('is told to nobody where the host is not there', async () => {
    const { room, hostRoomId } = await roomOnHost();
    await signaling.leave(hostRoomId, ['the-host']);
    await new RoomNews(connection).assigned(room);
    await new RoomNews(connection).moved({ ...room, hostRoomId: 'x' });
    expect(heard).toEqual([]);
  });

  it('is open, and keeps its slot, as long as somebody is with the host in it', async () => {
    const { beat, room, region } = await roomOnHost();
    expect((await beat()).assignments).toHaveLength(1);
    await enter(room.roomId, 'the-host-again', 'a-player');
    const startedAt = Date.now();
    await waitFor(async () => {
      expect(await beat()).toEqual({ assignments: [], released: [] });
      return Date.now() - startedAt > 2 * TIMES.leaseMs;
    }, 'two leases would be over');
    expect(await rooms.get(room.roomId)).toMatchObject({ state: 'open', players: 1 });
    expect((await pool.allocate({ regions: [region], kinds: ['streaming'] })).outcome).toBe('none');
  });

  it('ends, and its slot is free, a while after the last player left', async () => {
    const { beat, room, region } = await roomOnHost();
    await enter(room.roomId, 'the-host-again', 'a-player');
    await beat();
    await signaling.leave(room.roomId, ['a-player']);
    const isOver = async () => (await beat()).released.includes(room.roomId);
    await waitFor(isOver, 'it is over', 4 * TIMES.keepMs);
    const isFree = async () =>
      (await pool.allocate({ regions: [region], kinds: ['streaming'] })).outcome === 'leased';
    await waitFor(isFree, 'its slot is free', 4 * TIMES.leaseMs);
  });
});

describe('those who are in a room', () => {
  it('are told when it moves to another host', async () => {
    const { room } = await roomOnHost();
    await subscriber.subscribe(room.roomId);
    await enter(room.roomId, 'a-player');
    await new RoomNews(connection).moved({ ...room, hostId: 'next', address: '192.0.2.1:7' });
    const told = await waitFor(() => heard[0], 'they are told');
    expect(told).toEqual({
      roomId: room.roomId,
      message: {
        type: 'control',
        action: 'room-migrated',
        payload: { roomId: room.roomId, hostId: 'next', region: room.region, serverAddress: '192.0.2.1:7' },
      },
    });
  });
});
