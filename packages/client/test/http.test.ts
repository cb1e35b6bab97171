import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis } from '@parley/testkit';
import {
  createRoom,
  deleteRoom,
  findMatch,
  getRoom,
  joinRoom,
  listRooms,
  ParleyError,
  probeRegions,
  refreshIceServers,
} from '../src/index.js';
import { startGameServer } from './support/hosts.js';
import { startHttp } from './support/http.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

const caught = async (promise: Promise<unknown>): Promise<ParleyError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ParleyError);
  return error as ParleyError;
};

describe('requests', () => {
  it('find matches and ICE servers, and say by a code when there is no host', async () => {
    const matchmaker = await stack.start('matchmaker');
    const region = uniqueId('region');
    const error = await caught(findMatch(matchmaker.url, { region }));
    expect(error).toMatchObject({ code: 'no_host', status: 404, isTransient: false });
    expect(error.requestId).toMatch(/./);
    const { address } = await startGameServer(stack, matchmaker.url, { region });
    const match = await findMatch(matchmaker.url, { latencies: { [region]: 5 }, kind: 'game' });
    expect(match).toMatchObject({ found: true, region, serverAddress: address });
    expect((await refreshIceServers(matchmaker.url)).iceServers.length).toBeGreaterThan(0);
  });

  it('create, join, list and delete rooms; a retry makes no second one', async () => {
    const [matchmaker, gateway] = await Promise.all([stack.start('matchmaker'), stack.start('gateway')]);
    const region = uniqueId('region');
    await startGameServer(stack, matchmaker.url, { region, capacity: 2 });
    const idempotencyKey = uniqueId('key');
    const wishes = { region, maxPlayers: 1, visibility: 'public' } as const;
    const room = await createRoom(gateway.url, wishes, { idempotencyKey });
    expect(await createRoom(gateway.url, wishes, { idempotencyKey })).toMatchObject({ roomId: room.roomId });
    expect(await joinRoom(gateway.url, room.roomId)).toMatchObject({ roomId: room.roomId, players: 1 });
    expect(await caught(joinRoom(gateway.url, room.roomId))).toMatchObject({
      code: 'room_full',
      status: 409,
    });
    expect((await listRooms(gateway.url, { region })).rooms.map(({ roomId }) => roomId)).toEqual([
      room.roomId,
    ]);
    expect(await caught(deleteRoom(gateway.url, room.roomId, 'wrong'))).toMatchObject({ code: 'forbidden' });
    await deleteRoom(gateway.url, room.roomId, room.ownerToken);
    expect(await caught(getRoom(gateway.url, room.roomId))).toMatchObject({ code: 'room_not_found' });
    expect(await caught(createRoom(gateway.url, { region: 'nowhere' }, { retries: 0 }))).toMatchObject({
      code: 'no_capacity',
      retryAfterMs: 5_000,
    });
  });

  it('try again what may succeed later, and tell apart what went wrong', async () => {
    let asked = 0;
    const url = await startHttp((request, response) => {
      asked += 1;
      if (request.url?.includes('ice')) response.writeHead(asked < 3 ? 502 : 200).end('{"iceServers":[]}');
      else if (request.url?.includes('find')) response.end('<html>');
    });
    expect(await refreshIceServers(url)).toEqual({ iceServers: [] });
    expect(asked).toBe(3);
    expect(await caught(findMatch(url))).toMatchObject({ code: 'unexpected_answer', status: 200 });
    expect(await caught(getRoom(url, 'r', { timeoutMs: 100, retries: 0 }))).toMatchObject({
      code: 'timeout',
    });
    expect(await caught(findMatch('http://127.0.0.1:1'))).toMatchObject({ code: 'network', status: 0 });
    expect(await caught(refreshIceServers(`${url}/`, { retries: 0, timeoutMs: 0 }))).toMatchObject({
      code: 'timeout',
    });
  });

  it('end with their signal, also while they wait for another try', async () => {
    const url = await startHttp((_request, response) =>
      response.writeHead(503, { 'retry-after': '20' }).end(),
    );
    const abort = new AbortController();
    const waiting = refreshIceServers(url, { signal: abort.signal });
    const hanging = findMatch(await startHttp(() => {}), {}, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(waiting).rejects.toThrow('enough');
    await expect(hanging).rejects.toThrow('enough');
    await expect(findMatch(url, {}, { signal: abort.signal })).rejects.toThrow('enough');
  });
});

describe('probeRegions', () => {
  it('measures round trips without the time that a connection takes, and says who cannot be reached', async () => {
    const near = await startHttp((_request, response) => response.end('ok'));
    const proxy = await startTcpProxy(near);
    proxy.latencyMs = 40;
    const silent = await startHttp(() => {});
    const urls = { near, far: proxy.url, silent, gone: 'http://127.0.0.1:1' };
    const measured = await probeRegions(urls, { samples: 3, timeoutMs: 500 });
    expect(measured).toMatchObject({ silent: null, gone: null });
    expect(measured['near']).toBeLessThan(40);
    // One connection: there and back. Two more would be TCP's own.
    expect(measured['far']).toBeGreaterThanOrEqual(75);
    expect(measured['far']).toBeLessThan(155);
    await proxy.stop();
  });

  it('ends with its signal', async () => {
    const silent = await startHttp(() => {});
    const probing = probeRegions({ silent }, { signal: AbortSignal.timeout(50) });
    await expect(probing).rejects.toThrow(/timeout/);
  });
});
