import { describe, expect, it } from 'vitest';
import { openSocket, waitFor } from '@parley/testkit';
import { answer, candidate, offer, peerDisconnected } from './support/messages.js';
import { useSignaling } from './support/signaling.js';
import { join, resume } from './support/v1.js';
import { cut, onEachLayout, useServers } from './support/v1-cases.js';

const cases = onEachLayout(useServers());

describe.each(cases)('parley.v1 on $layout and $server', ({ redis, count }) => {
  const signaling = useSignaling(redis, count, { ROOM_CAPACITY: '4' });
  const url = (i: number) => signaling.instances[i % count]?.url ?? '';

  it('welcomes a member with who is there, and tells the others of it', async () => {
    const room = signaling.room();
    const first = await join(url(0), room);
    expect(first.socket.protocol).toBe('parley.v1');
    expect(first.welcome).toEqual({
      type: 'welcome',
      memberId: expect.stringMatching(/^~/) as string,
      roomId: room,
      resumeToken: expect.any(String) as string,
      recovered: false,
      received: 0,
      resumeGraceMs: 10_000,
      members: [],
    });
    const second = await join(url(1), room);
    expect(second.welcome.members).toEqual([{ memberId: first.welcome.memberId }]);
    await waitFor(() => first.heard().length === 1, 'the first is told');
    expect(first.heard()).toEqual([{ type: 'peer-joined', memberId: second.welcome.memberId }]);
    await second.close();
    await waitFor(() => first.heard().length === 2, 'the first is told');
    expect(first.heard()[1]).toEqual({ type: 'peer-disconnected', memberId: second.welcome.memberId });
  });

  it('tells each of those that come at the same moment of all the others, once', async () => {
    // Who is elsewhere is often learned with a newcomer's join, before the channel tells of it.
    const rooms = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const room = signaling.room();
        return Promise.all([0, 1, 2, 1].map((i) => join(url(i), room)));
      }),
    );
    for (const members of rooms) {
      for (const each of members) {
        const known = () =>
          [...each.welcome.members, ...each.of('peer-joined')].map(({ memberId }) => memberId);
        await waitFor(() => new Set(known()).size === members.length - 1, 'it knows all others', 2_000);
        expect(known()).toHaveLength(members.length - 1);
      }
    }
    await Promise.all(rooms.flat().map((each) => each.close()));
  });

  it('tells of going and coming back once, though others come at the same moment', async () => {
    const rooms = await Promise.all(
      Array.from({ length: 25 }, async () => {
        const room = signaling.room();
        const stays = await join(url(1), room);
        const goes = await join(url(0), room);
        await Promise.all([cut(goes), join(url(1), room)]);
        return { room, stays, goes };
      }),
    );
    const heardOf = ({ stays, goes }: (typeof rooms)[number]) =>
      stays
        .heard()
        .filter(({ memberId }) => memberId === goes.welcome.memberId)
        .map(({ type, resumed }) => (resumed ? 'back' : type));
    const isAway = (each: (typeof rooms)[number]) => heardOf(each).includes('peer-away');
    await waitFor(() => rooms.every(isAway), 'all know that it is away', 3_000);
    await Promise.all(
      rooms.map(({ room, goes }) => Promise.all([resume(url(0), room, goes), join(url(1), room)])),
    );
    const isBack = (each: (typeof rooms)[number]) => heardOf(each).includes('back');
    await waitFor(() => rooms.every(isBack), 'all know that it is back', 3_000);
    for (const each of rooms) expect(heardOf(each)).toEqual(['peer-joined', 'peer-away', 'back']);
  });

  it('gives every message its sender and number, in a mixed room in both directions', async () => {
    const room = signaling.room();
    const host = await openSocket(`${url(0)}/?roomId=${room}`);
    const page = await join(url(1), room);
    // Whoever joins first: the open of a socket comes before its join.
    const hostId = await waitFor(
      () => page.welcome.members[0]?.memberId ?? page.of('peer-joined')[0]?.memberId,
      'the page knows of the host',
    );
    page.send(offer);
    page.send(candidate(1));
    await waitFor(() => host.messages.length === 2, 'the host gets them');
    expect(host.messages).toEqual([offer, candidate(1)]);
    host.send(answer);
    host.send(candidate(2));
    await waitFor(() => page.of('candidate').length === 1, 'the page gets them');
    expect(page.heard().filter(({ from }) => from !== undefined)).toEqual([
      { ...answer, from: hostId, seq: 1 },
      { ...candidate(2), from: hostId, seq: 2 },
    ]);
    page.socket.terminate();
    await host.close();
  });

  it('delivers what was held to who speaks it, numbered', async () => {
    const room = signaling.room();
    const host = await openSocket(`${url(0)}/?roomId=${room}`);
    for (let n = 1; n <= 5; n += 1) host.send(candidate(n));
    const page = await join(url(1), room);
    await waitFor(() => page.of('candidate').length === 5, 'the page gets them');
    expect(page.of('candidate').map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('sends what is addressed to that member alone', async () => {
    const room = signaling.room();
    const [a, b, c] = [await join(url(0), room), await join(url(1), room), await join(url(0), room)];
    await waitFor(() => a.heard().length === 2 && b.heard().length === 1, 'all are told of each other');
    a.send({ ...offer, to: b.welcome.memberId });
    a.send(candidate(1));
    await waitFor(() => b.of('candidate').length + c.of('candidate').length === 2, 'both get the last');
    const from = a.welcome.memberId;
    expect(b.of('offer')).toEqual([{ ...offer, from, seq: 1 }]);
    expect(c.of('offer')).toEqual([]);
    expect(c.of('candidate')).toEqual([{ ...candidate(1), from, seq: 2 }]);
    a.send({ ...offer, to: '~nobody' });
    await waitFor(() => a.of('error').length === 1, 'an error');
    expect(a.of('error')[0]).toMatchObject({ code: 'unknown-member' });
  });

  it('takes the numbers of its clients, and no message twice', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    a.send({ ...candidate(1), seq: 1 });
    a.send({ ...candidate(3), seq: 3 });
    a.send({ ...candidate(2), seq: 2 });
    a.send({ ...candidate(3), seq: 3 });
    a.send({ ...candidate(4), seq: 4 });
    await waitFor(() => b.of('candidate').some(({ seq }) => seq === 4), 'the last one');
    expect(b.of('candidate').map(({ seq }) => seq)).toEqual([1, 3, 4]);
  });

  it('tells what is wrong with a message, and stays', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    for (const bad of ['{', '"x"', '{"type":"nothing"}', '{"type":"offer"}', '{"type":"typing"}'])
      a.send(bad);
    a.send({ type: 'resume', seen: {} });
    a.send({ ...offer, seq: 0 });
    a.send(offer);
    await waitFor(() => b.of('offer').length === 1, 'the valid one arrives');
    const errors = a.of('error');
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 7 }, () => 'invalid-message'));
    expect(errors[3]?.['detail']).toMatch(/sdp/);
  });

  it('is not noticed by plain members', async () => {
    const room = signaling.room();
    const plain = await openSocket(`${url(0)}/?roomId=${room}`);
    const a = await join(url(1), room);
    a.send(offer);
    expect(await plain.next()).toEqual(offer);
    await a.close();
    expect(await plain.next()).toEqual(peerDisconnected);
    expect(plain.messages).toHaveLength(2);
  });
});
