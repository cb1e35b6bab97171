import { afterEach, describe, expect, it } from 'vitest';
import { openSocket, startService, uniqueId, waitFor, type RunningService } from '@parley/testkit';
import { candidate, offer, peerDisconnected } from './support/messages.js';
import { generousLimits } from './support/signaling.js';
import { join, resume } from './support/v1.js';
import { numbers, useServers } from './support/v1-cases.js';

const servers = useServers();

const running: RunningService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop('SIGKILL')));
});

const urlOf = (service: RunningService) => `ws://127.0.0.1:${service.port}`;

describe.each(servers)('members of parley.v1 of an instance that is killed, on $server', ({ redis }) => {
  const start = async () => {
    const service = await startService('signaling', { ...generousLimits, ...redis.env, ROOM_CAPACITY: '3' });
    running.push(service);
    return service;
  };

  it('resume elsewhere and miss nothing, when the others are elsewhere (S4)', async () => {
    const [survivor, victim] = [await start(), await start()];
    const rooms = Array.from({ length: 20 }, () => uniqueId('room'));
    const pairs = await Promise.all(
      rooms.map(async (room) => {
        const a = await join(urlOf(victim), room);
        const b = await join(urlOf(survivor), room);
        await waitFor(() => a.of('peer-joined').length, 'it is told');
        for (const n of [1, 2, 3]) b.send(candidate(n));
        for (const n of [1, 2, 3]) a.send({ ...candidate(n), seq: n });
        await waitFor(() => numbers(a).length === 3 && numbers(b).length === 3, 'they arrive');
        return { room, a, b };
      }),
    );
    await victim.stop('SIGKILL');
    await Promise.all(
      pairs.map(async ({ room, a, b }) => {
        b.send(candidate(4));
        const startedAt = performance.now();
        const back = await resume(urlOf(survivor), room, a);
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        expect(back.welcome).toMatchObject({ recovered: true, received: 3, memberId: a.welcome.memberId });
        b.send(candidate(5));
        back.send({ ...candidate(4), seq: 4 });
        await waitFor(() => numbers(back).length === 2 && numbers(b).length === 4, 'they arrive');
        expect(numbers(back)).toEqual([4, 5]);
        expect(numbers(b)).toEqual([1, 2, 3, 4]);
        expect(b.of('peer-disconnected')).toEqual([]);
      }),
    );
  });

  it('are told that something may be missing, when all were on that instance', async () => {
    const [survivor, victim] = [await start(), await start()];
    const room = uniqueId('room');
    const [a, b] = [await join(urlOf(victim), room), await join(urlOf(victim), room)];
    await waitFor(() => a.of('peer-joined').length, 'it is told');
    a.send(candidate(1));
    await waitFor(() => numbers(b).length === 1, 'it arrives');
    // Until here all was to be kept for the one who came last; from now on nobody but the instance has it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const n of [2, 3, 4]) a.send(candidate(n));
    await waitFor(() => numbers(b).length === 4, 'they arrive');
    await victim.stop('SIGKILL');
    const back = await resume(urlOf(survivor), room, b);
    expect(back.welcome).toMatchObject({ recovered: false, memberId: b.welcome.memberId });
    expect(back.welcome.received).toBeUndefined();
    const other = await resume(urlOf(survivor), room, a);
    expect(other.welcome.recovered).toBe(false);
    // Numbers that it may have given before are not given again: nobody takes a new message for an old one.
    other.send(candidate(5));
    await waitFor(() => numbers(back).includes(5), 'it arrives');
  });

  it('are gone for the others within 10 s, and leave their place, when they do not come back (S5)', async () => {
    const [survivor, victim] = [await start(), await start()];
    const room = uniqueId('room');
    const plain = await openSocket(`${urlOf(survivor)}/?roomId=${room}`);
    const speaker = await join(urlOf(survivor), room);
    const dies = await join(urlOf(victim), room);
    dies.send(offer);
    expect(await plain.next()).toEqual(offer);
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    const killedAt = performance.now();
    await victim.stop('SIGKILL');
    expect(await plain.next(11_000)).toEqual(peerDisconnected);
    expect(performance.now() - killedAt).toBeLessThan(10_500);
    await waitFor(() => speaker.of('peer-disconnected').length, 'it is told');
    expect(speaker.of('peer-disconnected')).toEqual([
      { type: 'peer-disconnected', memberId: dies.welcome.memberId },
    ]);
    const next = await join(urlOf(survivor), room);
    expect(next.welcome.members).toHaveLength(2);
  });
});
