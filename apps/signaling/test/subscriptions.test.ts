import { describe, expect, it } from 'vitest';
import { useStore, waitFor } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { inside } from './support/redis.js';
import { layouts, useSignaling } from './support/signaling.js';

const store = useStore();
const isCluster = 'REDIS_CLUSTER_NODES' in store.env;

/** How many instances are subscribed to a room's channel, as Redis sees it. */
const subscribers = (room: string) =>
  inside(store.env, async ({ nodes, keys }) => {
    const counts = await Promise.all(
      nodes.map(
        (node) =>
          node.call('PUBSUB', isCluster ? 'SHARDNUMSUB' : 'NUMSUB', keys.room.channel(room)) as Promise<
            [string, number]
          >,
      ),
    );
    return counts.reduce((sum, [, count]) => sum + count, 0);
  });

/** Channels of rooms that anybody is subscribed to. */
const channels = () =>
  inside(store.env, async ({ nodes, keys }) => {
    const verb = isCluster ? 'SHARDCHANNELS' : 'CHANNELS';
    const names = await Promise.all(
      nodes.map((node) => node.call('PUBSUB', verb, `${keys.room.channelPrefix()}*`) as Promise<string[]>),
    );
    return names.flat();
  });

describe.each(layouts)('the channel of a room, on $layout', ({ count }) => {
  const signaling = useSignaling(store, count);
  const until = (room: string, wanted: number) =>
    waitFor(async () => (await subscribers(room)) === wanted, `${wanted} are subscribed`);

  it('is subscribed by the instances that have a member there, and nobody else (S7)', async () => {
    const room = signaling.room();
    const first = await signaling.join(room);
    await until(room, 1);
    const second = await signaling.join(room);
    second.send(offer);
    expect(await first.next()).toEqual(offer);
    expect(await subscribers(room)).toBe(count);
    await second.close();
    await until(room, 1);
    await first.close();
    await until(room, 0);
  });

  it('is left also by an instance that refused somebody, and by one whose client did not stay for its join', async () => {
    const room = signaling.room();
    const members = [await signaling.join(room), await signaling.join(room)] as const;
    members[0].send(offer);
    expect(await members[1].next()).toEqual(offer);
    for (let i = 0; i < 2; i += 1) await (await signaling.join(room)).waitClosed();
    await Promise.all(members.map((member) => member.close()));
    await until(room, 0);
    for (let i = 0; i < 4; i += 1) {
      const gone = await signaling.join(room, undefined, (socket) => socket.terminate());
      await gone.waitClosed();
    }
    await until(room, 0);
  });

  it('carries on through any coming and going, and is left in the end: no channel stays', async () => {
    const room = signaling.room();
    const stays = await signaling.join(room);
    for (let n = 0; n < 20; n += 1) {
      const visits = await signaling.join(room, undefined, (socket) =>
        socket.send(JSON.stringify(candidate(n))),
      );
      await waitFor(
        () => stays.messages.some((each) => JSON.stringify(each) === JSON.stringify(candidate(n))),
        'it is heard',
      );
      // The next one may come before all have let go.
      visits.socket.terminate();
      await stays.next();
      await stays.next();
    }
    expect(await channels()).toHaveLength(1);
    await stays.close();
    await waitFor(async () => (await channels()).length === 0, 'no channel of any room is left');
  });
});
