import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closes } from '@parley/protocol';
import {
  openSocket,
  startTcpProxy,
  uniqueId,
  useRedis,
  waitFor,
  type TcpProxy,
  type TestSocket,
} from '@parley/testkit';
import { metric } from './support/metrics.js';
import { candidate, peerDisconnected, rateLimited, schemaError } from './support/messages.js';
import { membersIn } from './support/redis.js';
import { generousLimits, startInstance, useSignaling, type TestInstance } from './support/signaling.js';

const redis = useRedis();
const elsewhere = useSignaling(redis, 1);

const MESSAGE_MAX_BYTES = 1_000;
/** What may wait is the larger of this and two messages. */
const HELD_MAX_BYTES = 4_000;
/** And no more than so many messages. */
const MAX_MESSAGES = 512;

/** A message of a size. */
function sized(bytes: number, n: number): string {
  const empty = JSON.stringify({ type: 'offer', sdp: `${n} ` });
  return JSON.stringify({ type: 'offer', sdp: `${n} ${'x'.repeat(bytes - empty.length)}` });
}

let proxy: TcpProxy;
/** Its way to Redis can be held up, so that a join takes as long as a test wants. */
const behindProxy = (env: Readonly<Record<string, string>>) => {
  let instance: TestInstance | undefined;
  const sockets: TestSocket[] = [];
  beforeAll(async () => {
    instance = await startInstance({
      ...generousLimits,
      ...env,
      REDIS_URL: proxy.url,
      REDIS_COMMAND_TIMEOUT_MS: '20000',
    });
  });
  afterAll(() => instance?.service.stop());
  /** Until so many rooms have a member here, or one that is about to come or go. */
  const untilRooms = (rooms: number) =>
    waitFor(
      async () => metric((await instance?.metrics()) ?? '', 'local_rooms') === rooms,
      `${rooms} rooms are here`,
    );
  afterEach(async () => {
    proxy.latencyMs = 0;
    proxy.resume();
    for (const { socket } of sockets.splice(0)) socket.terminate();
    await untilRooms(0);
  });
  return {
    async join(room: string, atOpen?: Parameters<typeof openSocket>[2]) {
      const socket = await openSocket(`${instance?.url}/?roomId=${room}`, {}, atOpen);
      sockets.push(socket);
      return socket;
    },
    untilRooms,
  };
};

beforeAll(async () => {
  proxy = await startTcpProxy(redis.url);
});
afterAll(() => proxy.stop());

const hosts = [
  { where: 'on the same instance', isHere: true },
  { where: 'on another instance', isHere: false },
];

describe('what comes before the join is done', () => {
  const roomy = behindProxy({});
  const tight = behindProxy({
    MESSAGE_MAX_BYTES: String(MESSAGE_MAX_BYTES),
    HELD_MAX_BYTES: String(HELD_MAX_BYTES),
  });

  describe.each(hosts)('to a host $where', ({ isHere }) => {
    /** The one that listens, alone in its room. */
    const enterHost = async (room: string, here: ReturnType<typeof behindProxy>) => {
      const host = isHere ? await here.join(room) : await elsewhere.join(room);
      await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'the host is in');
      return host;
    };

    it('arrives whole and in order, up to the most messages that may wait', async () => {
      const room = uniqueId('room');
      const host = await enterHost(room, roomy);
      proxy.stall();
      const page = await roomy.join(room, (socket) => {
        for (let n = 0; n < MAX_MESSAGES; n += 1) socket.send(JSON.stringify(candidate(n)));
      });
      // More than the way takes, so that they wait.
      await delay(100);
      expect([host.messages, page.closed]).toEqual([[], undefined]);
      proxy.resume();
      await waitFor(() => host.messages.length === MAX_MESSAGES, 'all arrive');
      page.send(candidate(MAX_MESSAGES));
      await waitFor(() => host.messages.length > MAX_MESSAGES, 'and what comes later');
      expect(host.messages).toEqual(Array.from({ length: MAX_MESSAGES + 1 }, (_, n) => candidate(n)));
    });

    it('arrives whole and in order, up to the most bytes that may wait', async () => {
      const room = uniqueId('room');
      const host = await enterHost(room, tight);
      const messages = Array.from({ length: HELD_MAX_BYTES / MESSAGE_MAX_BYTES }, (_, n) =>
        sized(MESSAGE_MAX_BYTES, n),
      );
      proxy.stall();
      const page = await tight.join(room, (socket) => messages.forEach((each) => socket.send(each)));
      await delay(100);
      expect([host.messages, page.closed]).toEqual([[], undefined]);
      proxy.resume();
      await waitFor(() => host.messages.length === messages.length, 'all arrive');
      expect(host.messages).toEqual(messages.map((each) => JSON.parse(each) as unknown));
    });

    it.each([
      {
        excess: 'one byte more',
        close: closes.tooLarge,
        messages: [...Array.from({ length: 4 }, (_, n) => sized(MESSAGE_MAX_BYTES, n)), ' '],
        here: tight,
      },
      {
        excess: 'one message more',
        close: closes.overloaded,
        messages: Array.from({ length: MAX_MESSAGES + 1 }, (_, n) => JSON.stringify(candidate(n))),
        here: roomy,
      },
    ])('with $excess closes its sender, and none of it arrives', async ({ close, messages, here }) => {
      const room = uniqueId('room');
      const host = await enterHost(room, here);
      proxy.stall();
      const page = await here.join(room, (socket) => messages.forEach((each) => socket.send(each)));
      expect(await page.waitClosed()).toEqual({ code: close.code, reason: close.reason });
      proxy.resume();
      // The refused one may be on its way in and out again: until then its place is taken.
      const next = await waitFor(async () => {
        const comes = await elsewhere.join(room);
        comes.send('not json');
        return isDeepStrictEqual(await comes.next(500), schemaError) ? comes : undefined;
      }, 'its place is free');
      next.send(candidate(0));
      const isOfMember = (each: unknown) => !isDeepStrictEqual(each, peerDisconnected);
      await waitFor(() => host.messages.some(isOfMember), 'who takes its place is heard');
      expect(host.messages.filter(isOfMember)).toEqual([candidate(0)]);
    });
  });
});

describe('a limit that is broken before the join is done', () => {
  const limited = behindProxy({ RATE_LIMIT_MESSAGES_PER_10S: '5', ROOM_CAPACITY: '1' });
  const burst = (socket: { send(text: string): void }) => {
    for (let n = 0; n < 10; n += 1) socket.send(JSON.stringify(candidate(n)));
  };

  it('is told once, after the join', async () => {
    proxy.stall();
    const page = await limited.join(uniqueId('room'), burst);
    await delay(100);
    expect(page.messages).toEqual([]);
    proxy.resume();
    expect(await page.next()).toEqual(rateLimited);
    page.send('not json');
    page.send('not json either');
    await delay(50);
    expect(page.messages).toEqual([rateLimited]);
  });

  it('is not told to one that is refused: it gets nothing but its close', async () => {
    const room = uniqueId('room');
    const first = await limited.join(room);
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'the first is in');
    const refused = await limited.join(room, burst);
    expect((await refused.waitClosed()).reason).toBe('Room is full');
    expect([refused.messages, first.closed]).toEqual([[], undefined]);
  });
});

describe('a socket that closes during its own join', () => {
  const here = behindProxy({});

  it.each(['close', 'terminate'] as const)(
    'leaves no member behind, at whatever moment of the join: %s',
    async (way) => {
      const [room, stays] = [uniqueId('room'), uniqueId('room')];
      const other = await here.join(stays);
      await waitFor(async () => (await membersIn(redis.env, stays)) === 1, 'another room has its member');
      // A join takes three answers of Redis: for its limit, for its subscription, and its own.
      proxy.latencyMs = 20;
      for (let afterMs = 0; afterMs <= 140; afterMs += 7) {
        const goes = await here.join(room);
        await delay(afterMs);
        goes.socket[way]();
        await goes.waitClosed();
      }
      proxy.latencyMs = 0;
      await here.untilRooms(1);
      expect([await membersIn(redis.env, room), await membersIn(redis.env, stays)]).toEqual([0, 1]);
      expect(other.closed).toBeUndefined();
    },
  );
});
