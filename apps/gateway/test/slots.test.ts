import { gatewaySettings, loadConfig } from '@parley/config';
import {
  Assignments,
  PublicRooms,
  RoomNews,
  RedisConnection,
  RoomStore,
  roomTimes,
} from '@parley/redis-scripts';
import { useStore, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { RoomPlacer } from '../src/rooms/place-room.js';
import { hostReport, useParley } from './support.js';

const redis = useStore();
const { ask, heartbeat, pool } = useParley(redis, { ROOM_TTL_SECONDS: '1' });
const WISHES = {
  roomId: 'a-room',
  maxPlayers: 2,
  ownerHash: 'x',
  visibility: 'private',
  metadata: {},
} as const;

describe('the slot of a room', () => {
  it('returns when the room that nobody took up expires, and the room is gone with it', async () => {
    const { region, ...report } = hostReport();
    await heartbeat({ region, ...report });
    const { body } = await ask('POST', '/api/rooms', { region });
    expect((await ask('POST', '/api/rooms', { region })).status).toBe(503);
    const again = () => ask('POST', '/api/rooms', { region });
    await waitFor(async () => (await again()).status === 201, 'the slot returns', 3_000);
    expect((await ask('GET', `/api/rooms/${String(body['roomId'])}`)).status).toBe(404);
  });

  it('is given back when the record cannot be written', async () => {
    const report = hostReport();
    await heartbeat(report);
    const hosts = await pool(redis.env);
    const config = loadConfig(gatewaySettings, redis.env);
    const times = roomTimes(config);
    const away = new RedisConnection(config);
    await away.connect();
    away.close();
    const rooms = new RoomStore(away, times);
    const lists = [new Assignments(away), new PublicRooms(away, rooms), new RoomNews(away)] as const;
    const placer = new RoomPlacer(hosts, rooms, ...lists, times);
    const place = () => placer.place({ where: { regions: [report.region] }, ...WISHES });
    await expect(place()).rejects.toThrow();
    const { outcome } = await hosts.allocate({ regions: [report.region], kinds: ['game'] });
    expect(outcome).toBe('leased');
  });
});
