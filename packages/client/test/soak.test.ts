import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { useStack } from './support/services.js';
import { numbered, record, type Recorded } from './support/sessions.js';

const redis = useRedis();
const stack = useStack(redis, { ROOM_CAPACITY: '8' });

const MEMBERS = 4;
const ROUNDS = Number(process.env['SOAK_ROUNDS'] ?? 12);

/** What came from one member, in the order in which it came. */
const from = (recorded: Recorded, memberId: string | undefined) =>
  recorded
    .of('message')
    .flatMap((message) => (message.from === memberId && message.type === 'control' ? [message.payload] : []));

describe('members on two instances, through a network that fails again and again, and the death of an instance', () => {
  it('get everything that each of the others says, once and in order, and never hear that one has left', async () => {
    const instances = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const proxies = await Promise.all(instances.map(({ url }) => startTcpProxy(url)));
    const roomId = uniqueId('room');
    const urls = proxies.map(({ url }) => url);
    const members = Array.from({ length: MEMBERS }, (_, n) => {
      // One stays where it is: what is said on one instance alone dies with it, and that is told.
      const signalingUrl = n === 0 ? instances[1].url : n % 2 === 0 ? urls : urls.toReversed();
      return record({ roomId, signalingUrl }, { liveness: { quietMs: 300, answerMs: 300 } });
    });
    await Promise.all(members.map((each) => each.until('welcome')));
    await waitFor(() => members.every(({ session }) => session.members.size === MEMBERS - 1), 'all see all');

    let n = 0;
    const talk = () => {
      n += 1;
      for (const { session } of members) session.send(numbered(n));
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const proxy = proxies[round % 2];
      if (round === ROUNDS - 4) void instances[0].stop('SIGKILL');
      for (let i = 0; i < 5; i += 1) talk();
      if (round % 3 === 2) proxy?.stall();
      else proxy?.reset();
      const pauseMs = Math.random() * 400;
      for (let i = 0; i < 5; i += 1) {
        talk();
        await new Promise((resolve) => setTimeout(resolve, pauseMs / 5));
      }
      proxy?.resume();
    }
    const complete = (each: Recorded) => each.of('message').length >= n * (MEMBERS - 1);
    await waitFor(() => members.every(complete), 'all messages came', 20_000).catch(() => {});
    const expected = Array.from({ length: n }, (_, i) => i + 1);
    for (const each of members) {
      for (const other of members) {
        if (other !== each) expect(from(each, other.session.memberId)).toEqual(expected);
      }
      expect(
        each
          .of('welcome')
          .slice(1)
          .every(({ recovered }) => recovered),
      ).toBe(true);
      expect(each.of('peer-disconnected')).toEqual([]);
      expect(each.of('error')).toEqual([]);
    }
    expect(members.map((each) => each.of('welcome').length).some((count) => count > 2)).toBe(true);
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });
});
