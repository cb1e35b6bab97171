import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSocket, uniqueId, useStore, waitFor } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { joinAt, useProcesses } from './support/processes.js';
import { inside, lifetimes } from './support/redis.js';
import { layouts, useSignaling } from './support/signaling.js';

/** A room with members lives for so long after it was last confirmed (three times a minute). */
const ALIVE_MS = 180_000;

const store = useStore();

/** How long every key of a room lives, in milliseconds, by what it is. Its limit's lives as long as what was granted counts. */
async function lifetimesOf(room: string, env: Readonly<Record<string, string>> = store.env) {
  const isOfRoom = (key: string) => key.includes(`{room:${room}}`) && !key.endsWith(':grants');
  const all = [...(await lifetimes(env))].filter(([key]) => isOfRoom(key));
  return new Map(all.map(([key, ms]) => [key.replace(/.*\}:?/, ''), ms]));
}

describe.each(layouts)('a room, on $layout', ({ count }) => {
  const signaling = useSignaling(store, count, { ROOM_TTL_SECONDS: '1' });

  it('is gone from Redis a while after the last member left, and not before', async () => {
    const room = signaling.room();
    const [host, page] = [await signaling.join(room), await signaling.join(room)];
    page.send(offer);
    expect(await host.next()).toEqual(offer);
    await page.close();
    // Longer than an empty room stays: the one that is left keeps all of it.
    await delay(1_200);
    const kept = await lifetimesOf(room);
    expect([...kept.keys()]).toEqual(expect.arrayContaining(['members', 'state', 'log']));
    for (const ms of kept.values()) expect(ms).toBeGreaterThan(ALIVE_MS - 60_000);
    await host.close();
    await waitFor(async () => !(await lifetimesOf(room)).has('members'), 'nobody is in it');
    // Whoever comes back soon finds the numbers of its entries going on.
    const left = await lifetimesOf(room);
    expect([...left.keys()].toSorted()).toEqual(['log', 'state']);
    for (const ms of left.values()) expect(ms).toBeGreaterThan(0);
    for (const ms of left.values()) expect(ms).toBeLessThanOrEqual(1_000);
    await waitFor(async () => (await lifetimesOf(room)).size === 0, 'it is gone', 3_000);
  });

  it('that has a member is kept by that for ever, though nobody says anything', async () => {
    const room = signaling.room();
    const page = await signaling.join(room);
    page.send(candidate(0));
    await waitFor(async () => (await lifetimesOf(room)).has('held'), 'its message is held');
    // As if the confirmations of almost three minutes were over.
    await inside(store.env, async ({ client, keys }) => {
      for (const part of ['members', 'state', 'held'] as const)
        await client.pexpire(keys.room[part](room), 2_500);
    });
    await waitFor(
      async () => [...(await lifetimesOf(room)).values()].every((ms) => ms > ALIVE_MS - 60_000),
      'all of it is confirmed',
      2_400,
    );
    const host = await signaling.join(room);
    expect(await host.next()).toEqual(candidate(0));
  });
});

describe('a room whose instances are all killed', () => {
  const processes = useProcesses(store);

  it('leaves nothing for ever: every key of it ends by itself', async () => {
    const env = { ...store.env, REDIS_KEY_PREFIX: `${uniqueId('killed')}:` };
    const instances = [await processes.start(env), await processes.start(env)] as const;
    const [together, alone] = [uniqueId('room'), uniqueId('room')];
    const host = await joinAt(instances[0], together);
    const page = await joinAt(instances[1], together);
    page.send(offer);
    expect(await host.next()).toEqual(offer);
    const waits = await openSocket(`ws://127.0.0.1:${instances[0].port}/?roomId=${alone}`);
    waits.send(candidate(0));
    await waitFor(async () => (await lifetimesOf(alone, env)).has('held'), 'its message is held');
    await Promise.all(instances.map((instance) => instance.stop('SIGKILL')));

    const [ofTogether, ofAlone] = [await lifetimesOf(together, env), await lifetimesOf(alone, env)];
    expect([...ofTogether.keys()].toSorted()).toEqual(['log', 'members', 'state']);
    expect([...ofAlone.keys()].toSorted()).toEqual(['held', 'members', 'state']);
    for (const [key, ms] of await lifetimes(env)) {
      // What tells the next instance whom to look for; it is gone once that one has looked.
      if (/\{instances?[}:]/.test(key)) continue;
      expect(`${key} ${ms > 0 && ms <= ALIVE_MS}`).toBe(`${key} true`);
    }
    await processes.start(env);
    await waitFor(
      async () => {
        const left = [...(await lifetimes(env)).keys()];
        return !left.some((key) => /:(members|held|rooms)$/.test(key) && !key.includes('{instances}'));
      },
      'the next instance leaves no member, nothing held, and no note of where to look',
      12_000,
    );
  });
});
