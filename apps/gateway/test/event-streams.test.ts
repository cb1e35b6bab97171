import { gatewaySettings, loadConfig } from '@parley/config';
import { RedisConnection } from '@parley/redis-scripts';
import { Metrics, type Reply } from '@parley/runtime';
import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventStreams, type EventStream } from '../src/event-stream.js';
import { beginAfter } from '../src/rooms/event-start.js';
import { hostReport, useGateways, useParley } from './support.js';
import { watchRoom } from './watch-room.js';

const store = useStore();
const parley = useParley(store, { EVENT_STREAMS_PER_IP: '3' });
const { gateway } = useGateways();
const { ask, heartbeat } = parley;

async function createRoom() {
  const region = uniqueId('region');
  await heartbeat(hostReport({ region }));
  const { body } = await ask('POST', '/api/rooms', { region });
  return { roomId: String(body['roomId']), ownerToken: String(body['ownerToken']) };
}

describe('event streams', () => {
  /** Open so many at once; `cancel` closes those that were let in. */
  async function openMany(port: number, path: string, count: number) {
    const all = await Promise.all(
      Array.from({ length: count }, () => fetch(`http://127.0.0.1:${port}${path}`)),
    );
    const open = all.filter(({ status }) => status === 200);
    const refused = all.filter(({ status }) => status === 429);
    for (const each of refused) {
      expect(each.headers.get('retry-after')).toBeTruthy();
      expect(await each.json()).toMatchObject({ code: 'rate_limited', success: false });
    }
    expect(open.length + refused.length).toBe(count);
    return { open: open.length, cancel: () => Promise.all(open.map(({ body }) => body?.cancel())) };
  }

  it('of one address are never more than EVENT_STREAMS_PER_IP, and one that closes makes room', async () => {
    const { roomId } = await createRoom();
    const { port } = parley.gateways[0];
    const path = `/api/rooms/${roomId}/events`;
    for (let round = 0; round < 3; round++) {
      await waitFor(async () => {
        const { open, cancel } = await openMany(port, path, 20);
        await cancel();
        return open === 3;
      }, 'three are let in');
    }
  });

  it('of all are never more than EVENT_STREAMS_MAX, those of the overview among them', async () => {
    const { port } = await gateway({ ...store.env, EVENT_STREAMS_MAX: '5' });
    const { open, cancel } = await openMany(port, '/api/overview/events', 20);
    expect(open).toBe(5);
    const { roomId } = await createRoom();
    expect((await fetch(`http://127.0.0.1:${port}/api/rooms/${roomId}/events`)).status).toBe(429);
    await cancel();
  });

  it('give a place back that was never taken', async () => {
    const { roomId } = await createRoom();
    const url = `http://127.0.0.1:${parley.gateways[1].port}/api/rooms/${roomId}/events`;
    const asked = [await fetch(url, { method: 'HEAD' }), await fetch(url, { method: 'HEAD' })];
    expect(asked.map(({ status }) => status)).toEqual([200, 200]);
    const isFree = async () => {
      const { open, cancel } = await openMany(parley.gateways[1].port, `/api/rooms/${roomId}/events`, 3);
      await cancel();
      return open === 3;
    };
    await waitFor(isFree, 'all places are free', 5_000);
  });

  it('that nobody reads are closed, and hold no more than a bounded backlog', async () => {
    const streams = new EventStreams({ EVENT_STREAMS_MAX: 1, EVENT_STREAMS_PER_IP: 0 }, new Metrics());
    let stream: EventStream | undefined;
    let response: ServerResponse | undefined;
    let left = 0;
    const answer: Reply = streams.answer('192.0.2.1', (each) => {
      stream = each;
      return () => left++;
    });
    const server = createServer((_, res) => {
      response = res;
      res.writeHead(200, answer.headers);
      answer.stream?.(res);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    const sleeper = connect((server.address() as AddressInfo).port, '127.0.0.1');
    onTestFinished(() => void sleeper.destroy());
    sleeper.pause().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitFor(() => stream, 'the stream');
    const text = `data: ${'x'.repeat(50_000)}\n\n`;
    const isClosed = () => {
      for (let i = 0; i < 5; i++) stream?.write(text);
      expect(response?.writableLength ?? 0).toBeLessThan(65_536 + 2 * text.length);
      return left === 1;
    };
    await waitFor(isClosed, 'it is closed', 20_000);
    expect(response?.destroyed).toBe(true);
    // Its place is free.
    expect(streams.answer('192.0.2.1', () => () => {}).status).toBe(200);
    expect(streams.answer('192.0.2.1', () => () => {}).status).toBe(429);
  });
});

describe('Last-Event-ID', () => {
  const at = (id: string) => ({ id, type: 'assigned' as const, at: 1, fields: {} });
  const kept = [at('5-0'), at('5-1'), at('17-0')];

  it.each([
    ['none', undefined, '0-0'],
    ['one that is kept', '5-1', '5-1'],
    ['the last one', '17-0', '17-0'],
    ['one that is kept no more', '1-0', '1-0'],
    ['one of the future', '17-1', '0-0'],
    ['another one of the future', '900000000000000-0', '0-0'],
    ['nonsense', "5-0'); DROP", '0-0'],
    ['half of one', '5', '0-0'],
    ['too many digits', '1234567890123456-0', '0-0'],
  ])('that is %s', (_, given, afterId) => {
    expect(beginAfter(given, kept, undefined)).toEqual({ afterId });
  });

  it.each(['999999999999999-0', 'tampered', ' ', '-', '0-0'])(
    'that is not of us (%j) brings all that is kept, and what comes',
    async (lastEventId) => {
      const { roomId, ownerToken } = await createRoom();
      const watcher = await watchRoom(parley.gateways[0].port, roomId, lastEventId);
      await waitFor(() => watcher.types().includes('assigned'), 'what is kept');
      await ask('DELETE', `/api/rooms/${roomId}`, undefined, { Authorization: `Bearer ${ownerToken}` });
      await waitFor(() => watcher.ended, 'the end');
      expect(watcher.types()).toEqual(['assigned', 'closed']);
    },
  );

  it('of events that are kept no more brings how the room is now, and what comes', async () => {
    const { roomId, ownerToken } = await createRoom();
    await forgetEvents(roomId);
    const response = await fetch(`http://127.0.0.1:${parley.gateways[0].port}/api/rooms/${roomId}/events`, {
      headers: { 'Last-Event-ID': `${Date.now() - 900_000}-0` },
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })();
    await waitFor(() => text.includes('event: assigned\ndata: '), 'how it is now');
    expect(text).toContain('192.0.2.7:7777');
    expect(text).not.toContain('id: ');
    await ask('DELETE', `/api/rooms/${roomId}`, undefined, { Authorization: `Bearer ${ownerToken}` });
    await reading;
    expect(text).toContain('event: closed');
  });
});

/** As after ten quiet minutes. */
async function forgetEvents(roomId: string): Promise<void> {
  const redis = new RedisConnection(loadConfig(gatewaySettings, { ...parley.env }));
  onTestFinished(() => redis.close());
  await redis.connect();
  await redis.command('forget', (client) => client.del(redis.keys.room.events(roomId)));
}
