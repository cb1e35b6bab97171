import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostReport, useGateways } from './support.js';

const redis = useStore();
const { gateway, matchmaker } = useGateways();
type Gateway = Awaited<ReturnType<typeof gateway>>;
let one: Gateway;
let two: Gateway;
let mm: Awaited<ReturnType<typeof matchmaker>>;
let env: Record<string, string>;

beforeAll(async () => {
  env = { ...redis.env, HOST_TTL_SECONDS: '1', LEASE_TTL_SECONDS: '1', ROOM_TTL_SECONDS: '3' };
  mm = await matchmaker(env);
  [one, two] = await Promise.all([gateway(env), gateway(env)]);
});

interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Watch a room; `told` grows until the stream ends. */
async function watch({ port }: Gateway, roomId: string, lastEventId?: string) {
  const told: Told[] = [];
  const response = await fetch(`http://127.0.0.1:${port}/api/rooms/${roomId}/events`, {
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  });
  let ended = false;
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8');
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id = '', type = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
        if (id) told.push({ id, type, data: JSON.parse(data) as Told['data'] });
      }
    }
    ended = true;
  };
  void read().catch(() => (ended = true));
  return {
    response,
    told,
    types: () => told.map(({ type }) => type),
    get ended() {
      return ended;
    },
  };
}

async function roomOnHost(region: string) {
  const host = hostReport({ region, address: `${uniqueId('host')}.example:7777`, rooms: [] });
  await mm.heartbeat(host);
  const { body } = await one.ask('POST', '/api/rooms', { region });
  const roomId = String(body['roomId']);
  await mm.heartbeat({ ...host, rooms: [{ roomId, players: 1 }] });
  return { host, roomId, ownerToken: String(body['ownerToken']) };
}

describe("a room's events", () => {
  it('tell those who watch at any gateway that it moves, where to, and that it is over', async () => {
    const region = uniqueId('region');
    const { host, roomId } = await roomOnHost(region);
    const watchers = [await watch(one, roomId), await watch(two, roomId)];
    expect(watchers[0]?.response.headers.get('content-type')).toBe('text/event-stream');
    await mm.goodbye(host.hostId);
    for (const { types } of watchers)
      await waitFor(() => types().includes('migrating'), 'told that it moves');
    const next = hostReport({ region, address: `${uniqueId('next')}.example:7777`, rooms: [] });
    const beat = async () => {
      await mm.heartbeat(next);
      return watchers.every(({ types }) => types().includes('migrated'));
    };
    await waitFor(beat, 'told where to', 8_000);
    expect(watchers[0]?.told.at(-1)?.data).toMatchObject({
      serverAddress: next.address,
      hostId: next.hostId,
    });
    await mm.heartbeat({ ...next, rooms: [{ roomId, players: 1 }] });
    await mm.heartbeat({ ...next, rooms: [{ roomId, players: 0 }] });
    await waitFor(() => watchers.every((watcher) => watcher.ended), 'the streams end');
    expect(watchers[1]?.types()).toEqual(['assigned', 'migrating', 'migrated', 'closed']);
    expect(watchers[1]?.told.at(-1)?.data['reason']).toBe('everybody left');
  });

  it('go on after Last-Event-ID, without gap or repetition, at another gateway', async () => {
    const { roomId, ownerToken } = await roomOnHost(uniqueId('region'));
    const first = await watch(one, roomId);
    await waitFor(() => first.told[0], 'the first event');
    await one.ask('DELETE', `/api/rooms/${roomId}`, undefined, { Authorization: `Bearer ${ownerToken}` });
    await waitFor(() => first.ended, 'the stream ends');
    const again = await watch(two, roomId, first.told[0]?.id);
    await waitFor(() => again.ended, 'the stream ends');
    expect(again.told).toEqual(first.told.slice(1));
    expect(again.types()).toEqual(['closed']);
  });

  it('of a room that ends by itself end as well', async () => {
    const region = uniqueId('region');
    await mm.heartbeat(hostReport({ region }));
    const { body } = await one.ask('POST', '/api/rooms', { region });
    const watcher = await watch(two, String(body['roomId']));
    await waitFor(() => watcher.ended, 'the stream ends', 15_000);
    expect(watcher.types()).toContain('closed');
  });

  it('of an unknown room are a 404', async () => {
    expect((await one.ask('GET', `/api/rooms/${uniqueId('none')}/events`)).status).toBe(404);
  });

  it('do not keep a gateway from stopping', async () => {
    const { roomId } = await roomOnHost(uniqueId('region'));
    const third = await gateway(env);
    const watcher = await watch(third, roomId);
    await waitFor(() => watcher.told[0], 'the first event');
    const startedAt = performance.now();
    await third.service.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await waitFor(() => watcher.ended, 'the stream ends');
  });
});
