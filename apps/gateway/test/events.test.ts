import { startService, uniqueId, useStore, waitFor } from '@parley/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGameServer } from './hosts.js';
import { hostReport, serviceEnv, useParley } from './support.js';
import { watchRoom } from './watch-room.js';

const parley = useParley(useStore(), {
  HOST_TTL_SECONDS: '5',
  LEASE_TTL_SECONDS: '1',
  ROOM_TTL_SECONDS: '5',
});
const { ask, heartbeat, goodbye } = parley;

async function roomOnHost(region: string) {
  const host = hostReport({ region, address: `${uniqueId('host')}.example:7777`, rooms: [] });
  await heartbeat(host);
  const { body } = await ask('POST', '/api/rooms', { region });
  const roomId = String(body['roomId']);
  await heartbeat({ ...host, rooms: [{ roomId, players: 1 }] });
  return { host, roomId, ownerToken: String(body['ownerToken']) };
}

describe("a room's events", () => {
  it('tell those who watch at any gateway that it moves, where to, and that it is over', async () => {
    const region = uniqueId('region');
    const { host, roomId } = await roomOnHost(region);
    const [one, two] = parley.gateways;
    const watchers = [await watchRoom(one.port, roomId), await watchRoom(two.port, roomId)];
    expect(watchers[0]?.response.headers.get('content-type')).toBe('text/event-stream');
    await goodbye(host.hostId);
    for (const { types } of watchers)
      await waitFor(() => types().includes('migrating'), 'told that it moves');
    const next = hostReport({ region, address: `${uniqueId('next')}.example:7777`, rooms: [] });
    const beat = async () => {
      await heartbeat(next);
      return watchers.every(({ types }) => types().includes('migrated'));
    };
    await waitFor(beat, 'told where to', 8_000);
    expect(watchers[0]?.told.at(-1)?.data).toMatchObject({
      serverAddress: next.address,
      hostId: next.hostId,
    });
    await heartbeat({ ...next, rooms: [{ roomId, players: 1 }] });
    await heartbeat({ ...next, rooms: [{ roomId, players: 0 }] });
    await waitFor(() => watchers.every((watcher) => watcher.ended), 'the streams end');
    expect(watchers[1]?.types()).toEqual(['assigned', 'migrating', 'migrated', 'closed']);
    expect(watchers[1]?.told.at(-1)?.data['reason']).toBe('everybody left');
  });

  it('go on after Last-Event-ID, without gap or repetition, at another gateway', async () => {
    const { roomId, ownerToken } = await roomOnHost(uniqueId('region'));
    const [one, two] = parley.gateways;
    const first = await watchRoom(one.port, roomId);
    await waitFor(() => first.told[0], 'the first event');
    await ask('DELETE', `/api/rooms/${roomId}`, undefined, { Authorization: `Bearer ${ownerToken}` });
    await waitFor(() => first.ended, 'the stream ends');
    const again = await watchRoom(two.port, roomId, first.told[0]?.id);
    await waitFor(() => again.ended, 'the stream ends');
    expect(again.told).toEqual(first.told.slice(1));
    expect(again.types()).toEqual(['closed']);
  });

  it('go on without gap or repetition after the gateway that told them was killed', async () => {
    // First: its host says nothing more, and a process takes its time to start.
    const doomed = await startService('gateway', serviceEnv(parley.env));
    onTestFinished(() => void doomed.stop('SIGKILL'));
    const region = uniqueId('region');
    const { host, roomId } = await roomOnHost(region);
    const before = await watchRoom(doomed.port, roomId);
    /** Let its host go, and be on another one when this resolves. */
    const move = async (fromHostId: string) => {
      const next = await startGameServer(parley, { region });
      next.live();
      await goodbye(fromHostId);
      await waitFor(() => next.held.has(roomId), 'it moved');
      return next;
    };
    const second = await move(host.hostId);
    await waitFor(() => before.types().includes('migrated'), 'told where to');
    await doomed.stop('SIGKILL');
    await waitFor(() => before.ended, 'the stream breaks');
    await second.silence();
    await move(second.report.hostId);
    for (const { port } of parley.gateways) {
      const after = await watchRoom(port, roomId, before.told.at(-1)?.id);
      const whole = await watchRoom(port, roomId);
      await waitFor(() => after.types().includes('migrated'), 'told where to');
      await waitFor(() => whole.told.length >= 5, 'told everything');
      expect([...before.told, ...after.told]).toEqual(whole.told);
      expect(whole.types()).toEqual(['assigned', 'migrating', 'migrated', 'migrating', 'migrated']);
    }
  });

  it('of a room that ends by itself end as well', async () => {
    const region = uniqueId('region');
    await heartbeat(hostReport({ region }));
    const { body } = await ask('POST', '/api/rooms', { region });
    const watcher = await watchRoom(parley.gateways[1].port, String(body['roomId']));
    await waitFor(() => watcher.ended, 'the stream ends', 15_000);
    expect(watcher.types()).toContain('closed');
  });

  it('of an unknown room are a 404', async () => {
    expect((await ask('GET', `/api/rooms/${uniqueId('none')}/events`)).status).toBe(404);
  });

  it('do not keep a gateway from stopping', async () => {
    const { roomId } = await roomOnHost(uniqueId('region'));
    const third = await parley.gateway(parley.env);
    const watcher = await watchRoom(third.port, roomId);
    await waitFor(() => watcher.told[0], 'the first event');
    const startedAt = performance.now();
    await third.service.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await waitFor(() => watcher.ended, 'the stream ends');
  });
});
