import { afterEach, describe, expect, it } from 'vitest';
import {
  openSocket,
  startService,
  uniqueId,
  useCluster,
  useRedis,
  type RunningService,
} from '@parley/testkit';
import { answer, offer, peerDisconnected } from './support/messages.js';
import { generousLimits } from './support/signaling.js';

const servers = [
  { server: 'one Redis', redis: useRedis() },
  { server: 'a Redis Cluster', redis: useCluster() },
];

const running: RunningService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop('SIGKILL')));
});

describe.each(servers)('an instance that is killed, on $server (S5)', ({ redis }) => {
  const start = async () => {
    const service = await startService('signaling', { ...generousLimits, ...redis.env });
    running.push(service);
    return service;
  };
  const join = (service: RunningService, roomId: string) =>
    openSocket(`ws://127.0.0.1:${service.port}/?roomId=${roomId}`);

  it('leaves no ghosts: survivors are told within 10 s, and the place is free', async () => {
    const [survivor, victim] = [await start(), await start()];
    const rooms = Array.from({ length: 30 }, () => uniqueId('room'));
    const pairs = await Promise.all(
      rooms.map(async (room) => {
        const stays = await join(survivor, room);
        return { room, stays, dies: await join(victim, room) };
      }),
    );
    for (const { dies, stays } of pairs) {
      dies.send(offer);
      expect(await stays.next()).toEqual(offer);
    }
    // A survivor judges others only once it has lived for a whole lease.
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    const killedAt = performance.now();
    await victim.stop('SIGKILL');
    await Promise.all(
      pairs.map(async ({ stays }) => expect(await stays.next(10_000)).toEqual(peerDisconnected)),
    );
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    for (const { room, stays } of pairs) {
      const next = await join(survivor, room);
      next.send(offer);
      expect(await stays.next()).toEqual(offer);
      stays.send(answer);
      expect(await next.next()).toEqual(answer);
    }
  });

  it('leaves none either when it had been taken for dead before, and came back', async () => {
    const [survivor, victim] = [await start(), await start()];
    const room = uniqueId('room');
    const stays = await join(survivor, room);
    const dies = await join(victim, room);
    await new Promise((resolve) => setTimeout(resolve, 6_500));
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
    const [survivor, victim] = [await start(), await start()];
    const room = uniqueId('room');
    await Promise.all([join(victim, room), join(victim, room)]);
    await victim.stop('SIGKILL');
    const newcomers = [await join(survivor, room), await join(survivor, room)] as const;
    newcomers[0].send(offer);
    expect(await newcomers[1].next(4_000)).toEqual(offer);
  });
});
