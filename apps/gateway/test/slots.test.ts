import { gatewaySettings, loadConfig } from '@parley/config';
import {
  Assignments,
  PublicRooms,
  RoomNews,
  RedisConnection,
  RoomStore,
  roomTimes,
} from '@parley/redis-scripts';
import { startRedis, useStore, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { RoomPlacer } from '../src/rooms/place-room.js';
import { hostReport, useGateways } from './support.js';

const redis = useStore();
const { gateway, pool } = useGateways();
const WISHES = {
  roomId: 'a-room',
  maxPlayers: 2,
  ownerHash: 'x',
  visibility: 'private',
  metadata: {},
} as const;
const env = () => ({ ...redis.env });

describe('the slot of a room', () => {
  it('returns when the room that nobody took up expires, and the room is gone with it', async () => {
    const hosts = await pool(env());
    const report = hostReport();
    await hosts.heartbeat(report);
    const { ask } = await gateway({ ...env(), ROOM_TTL_SECONDS: '1' });
    const { region } = report;
    const { body } = await ask('POST', '/api/rooms', { region });
    expect((await ask('POST', '/api/rooms', { region })).status).toBe(503);
    const again = () => ask('POST', '/api/rooms', { region });
    await waitFor(async () => (await again()).status === 201, 'the slot returns', 3_000);
    expect((await ask('GET', `/api/rooms/${String(body['roomId'])}`)).status).toBe(404);
  });

  it('is given back when the record cannot be written', async () => {
    const hosts = await pool(env());
    const report = hostReport();
    await hosts.heartbeat(report);
    const config = loadConfig(gatewaySettings, env());
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

describe('without Redis', () => {
  it('every route answers 503 soon, and works again when Redis is back', async () => {
    const first = await startRedis({ ignoreUrl: true });
    const { ask } = await gateway({ REDIS_URL: first.url, CB_OPEN_MS: '200' });
    await first.stop();
    const calls = [
      () => ask('POST', '/api/rooms', {}),
      () => ask('POST', '/api/rooms/some-room/join'),
      () => ask('GET', '/api/rooms/some-room'),
      () => ask('DELETE', '/api/rooms/some-room', undefined, { Authorization: 'Bearer x' }),
    ];
    const startedAt = performance.now();
    for (const call of calls) {
      const { status, body, headers } = await call();
      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'redis_unavailable', success: false });
      expect(headers.get('retry-after')).toBeTruthy();
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const second = await startRedis({ ignoreUrl: true, port: Number(new URL(first.url).port) });
    const found = async () => (await ask('GET', '/api/rooms/some-room')).status === 404;
    await waitFor(found, 'it works again');
    await second.stop();
  });
});
