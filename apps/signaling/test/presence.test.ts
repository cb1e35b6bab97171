import { describe, expect, it } from 'vitest';
import { loadConfig, matchmakerSettings } from '@parley/config';
import { PoolStore, RedisConnection, RoomBinding } from '@parley/redis-scripts';
import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { answer, offer } from './support/messages.js';
import { layouts, useSignaling } from './support/signaling.js';

const store = useStore();

describe.each(layouts)('a room that is bound to a streaming host, on $layout', ({ count }) => {
  const signaling = useSignaling(store, count);

  it('tells who is in it, and what each has shown of itself', async () => {
    const connection = new RedisConnection(loadConfig(matchmakerSettings, store.env));
    await connection.connect();
    const binding = new RoomBinding(connection);
    const [room, host] = [signaling.room(), { region: uniqueId('region'), hostId: uniqueId('host') }];
    const evidence = async () =>
      (await binding.bindHost(room, host)).members.map((member) => member.evidence);

    expect(await binding.bindHost(room, host)).toMatchObject({ ...host, roomId: room, members: [] });
    const streaming = await signaling.join(room);
    await waitFor(async () => (await evidence()).join() === 'none', 'the host is in');
    const page = await signaling.join(room, { headers: { Origin: 'https://game.example.com' } });
    await waitFor(async () => (await evidence()).join() === 'none,browser', 'the page is in, after the host');
    const before = (await binding.bindHost(room, host)).version;
    page.send(offer);
    expect(await streaming.next()).toEqual(offer);
    streaming.send(answer);
    await waitFor(async () => (await evidence()).join() === 'answered,offered', 'both have shown it');
    // The first counts.
    page.send(answer);
    expect(await page.next()).toEqual(answer);
    expect(await evidence()).toEqual(['answered', 'offered']);
    await page.close();
    await waitFor(async () => (await evidence()).join() === 'answered', 'the page has left');
    expect((await binding.bindHost(room, host)).version).toBeGreaterThan(before);
    connection.close();
  });

  it('frees and takes the host’s slot without a word from the host (P2, P6)', async () => {
    const connection = new RedisConnection(loadConfig(matchmakerSettings, store.env));
    await connection.connect();
    const binding = new RoomBinding(connection);
    const pool = new PoolStore(connection, loadConfig(matchmakerSettings, store.env), {
      bindHost: (roomId, host) => binding.bindHost(roomId, host),
    });
    const [room, region, hostId] = [signaling.room(), uniqueId('region'), uniqueId('host')];
    const beat = () =>
      pool.heartbeat({ hostId, region, roomId: room, status: 'idle', capacity: 1, availableSlots: 1 });
    const find = async () => {
      await beat();
      return (await pool.allocate({ regions: [region], kinds: ['streaming'], leaseTtlMs: 200 })).outcome;
    };
    const streaming = await signaling.join(room);
    await waitFor(async () => (await find()) === 'leased', 'a host in its room is handed out');
    const page = await signaling.join(room);
    page.send(offer);
    expect(await streaming.next()).toEqual(offer);
    streaming.send(answer);
    expect(await page.next()).toEqual(answer);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await find()).toBe('none');
    await page.close();
    await waitFor(async () => (await find()) === 'leased', 'its slot is free again');
    await streaming.close();
    await new Promise((resolve) => setTimeout(resolve, 400));
    await waitFor(async () => (await find()) === 'none', 'a host that left its room is not handed out');
    connection.close();
  });
});
