import { describe, expect, it } from 'vitest';
import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { answer, candidate, offer, peerDisconnected } from './support/messages.js';
import { joinAt, useProcesses } from './support/processes.js';
import { cutSubscriptions, heldIn, membersIn } from './support/redis.js';

const store = useStore();

describe('an instance that is killed (S5)', () => {
  const processes = useProcesses(store);
  const untilBothAreIn = (room: string) =>
    waitFor(async () => (await membersIn(store.env, room)) === 2, 'both are in');

  it('leaves no ghosts: survivors are told within 10 s, and the place is free', async () => {
    const [survivor, victim] = [await processes.start(), await processes.start()];
    const rooms = Array.from({ length: 30 }, () => uniqueId('room'));
    const pairs = await Promise.all(
      rooms.map(async (room) => {
        const stays = await joinAt(survivor, room);
        return { room, stays, dies: await joinAt(victim, room) };
      }),
    );
    for (const { dies, stays } of pairs) {
      dies.send(offer);
      expect(await stays.next()).toEqual(offer);
    }
    const killedAt = performance.now();
    await victim.stop('SIGKILL');
    await Promise.all(
      pairs.map(async ({ stays }) => expect(await stays.next(10_000)).toEqual(peerDisconnected)),
    );
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    for (const { room, stays } of pairs) {
      const next = await joinAt(survivor, room);
      next.send(offer);
      expect(await stays.next()).toEqual(offer);
      stays.send(answer);
      expect(await next.next()).toEqual(answer);
    }
  });

  it('leaves none either when it had been taken for dead before, and came back', async () => {
    const [survivor, victim] = [await processes.start(), await processes.start()];
    const room = uniqueId('room');
    const stays = await joinAt(survivor, room);
    const dies = await joinAt(victim, room);
    await untilBothAreIn(room);
    victim.process.kill('SIGSTOP');
    expect(await stays.next(12_000)).toEqual(peerDisconnected);
    victim.process.kill('SIGCONT');
    await expect
      .poll(
        () => {
          dies.send(offer);
          return stays.messages.length;
        },
        { timeout: 12_000, interval: 200 },
      )
      .toBeGreaterThan(1);
    await victim.stop('SIGKILL');
    await expect.poll(() => stays.messages.at(-1), { timeout: 12_000 }).toEqual(peerDisconnected);
  }, 60_000);

  it('gives its place to a newcomer, without the survivors having noticed', async () => {
    const [survivor, victim] = [await processes.start(), await processes.start()];
    const room = uniqueId('room');
    await Promise.all([joinAt(victim, room), joinAt(victim, room)]);
    await untilBothAreIn(room);
    await victim.stop('SIGKILL');
    const newcomers = [await joinAt(survivor, room), await joinAt(survivor, room)] as const;
    newcomers[0].send(offer);
    expect(await newcomers[1].next(4_000)).toEqual(offer);
  });

  it('keeps what is said beside a ghost for whoever comes next (S2)', async () => {
    const [survivor, victim] = [await processes.start(), await processes.start()];
    const room = uniqueId('room');
    await joinAt(victim, room);
    await waitFor(async () => (await membersIn(store.env, room)) === 1, 'it is in');
    await victim.stop('SIGKILL');
    const page = await joinAt(survivor, room);
    page.send(offer);
    page.send(candidate(1));
    await untilBothAreIn(room);
    const host = await joinAt(survivor, room);
    expect(await host.next(12_000)).toEqual(offer);
    expect(await host.next()).toEqual(candidate(1));
  });

  it('keeps nothing for a third one that was only heard late, by an instance that subscribes anew', async () => {
    const [one, other] = [await processes.start(), await processes.start()];
    const room = uniqueId('room');
    const page = await joinAt(one, room);
    const host = await joinAt(other, room);
    await untilBothAreIn(room);
    other.process.kill('SIGSTOP');
    await cutSubscriptions(store.env);
    page.send(offer);
    await waitFor(async () => (await heldIn(store.env, room)) === 1, 'it is held');
    other.process.kill('SIGCONT');
    expect(await host.next()).toEqual(offer);
    await waitFor(async () => (await heldIn(store.env, room)) === 0, 'nobody else is to have it');
  });
});
