import { describe, expect, it } from 'vitest';
import { waitFor } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { useSignaling } from './support/signaling.js';
import { askToResume, join, resume } from './support/v1.js';
import { cut, isTold, numbers, onEachLayout, upTo, useServers } from './support/v1-cases.js';

const cases = onEachLayout(useServers());

describe.each(cases)('a resume token, on $layout and $server', ({ redis, count }) => {
  const signaling = useSignaling(redis, count, { ROOM_CAPACITY: '3' });
  const url = (i: number) => signaling.instances[i % count]?.url ?? '';

  it('lets one of two sockets win, and closes the other for good', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    await cut(a);
    const token = a.welcome.resumeToken;
    // Neither shows that it was welcomed, or the token of the other one would be used up.
    const ask = (i: number) => askToResume(url(i), room, token, {}, { autoPong: false });
    const both = await Promise.all([ask(0), ask(1)]);
    const loser = await waitFor(() => both.find((each) => each.closed), 'one of them is closed');
    expect(loser.closed).toEqual({ code: 1000, reason: 'Resumed elsewhere' });
    const winner = both.find((each) => each !== loser);
    await waitFor(() => winner?.messages.length, 'the other one is welcomed');
    expect(winner?.messages[0]).toMatchObject({ type: 'welcome', memberId: a.welcome.memberId });
    winner?.send(offer);
    await waitFor(() => b.of('offer').length === 1, 'it can send');
    expect(winner?.closed).toBeUndefined();
    expect(b.of('peer-disconnected')).toEqual([]);
  });

  it('may be shown again when the answer was lost on the way', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    await cut(a);
    await isTold(b, 'peer-away');
    b.send(candidate(1));
    for (const round of upTo(3)) {
      // It answers no ping, as if the welcome had not reached it.
      const lost = await askToResume(url(round), room, a.welcome.resumeToken, {}, { autoPong: false });
      await waitFor(() => lost.messages.length > 1, 'the server has answered');
      if (round < 3) lost.socket.terminate();
    }
    const back = await resume(url(1), room, a);
    expect(back.welcome).toMatchObject({ memberId: a.welcome.memberId, recovered: true });
    await waitFor(() => numbers(back).length === 1, 'what was missed');
    expect(b.of('peer-disconnected')).toEqual([]);
  });

  it('is worth nothing once it was used up, for another room or for another member', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    await cut(a);
    const back = await resume(url(0), room, a);
    // The answer to the ping after the welcome shows that it has its new token.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const again = await askToResume(url(1), room, a.welcome.resumeToken);
    await waitFor(() => again.messages.length, 'a welcome');
    expect(again.messages[0]).toMatchObject({ type: 'welcome', recovered: false });
    expect((again.messages[0] as { memberId: string }).memberId).not.toBe(a.welcome.memberId);
    expect(back.closed).toBeUndefined();
    await again.close();
    const [, secret = ''] = back.welcome.resumeToken.split('.');
    for (const [where, token] of [
      [signaling.room(), back.welcome.resumeToken],
      [room, `${b.welcome.memberId}.${secret}`],
      [room, 'nonsense'],
      [room, `${a.welcome.memberId}.`],
    ] as const) {
      const other = await askToResume(url(0), where, token);
      await waitFor(() => other.messages.length, 'a welcome');
      expect(other.messages[0]).toMatchObject({ type: 'welcome', recovered: false });
      await other.close();
    }
    expect([back.closed, b.closed]).toEqual([undefined, undefined]);
  });
});
