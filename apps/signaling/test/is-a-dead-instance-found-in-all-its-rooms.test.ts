import { describe, expect, it } from 'vitest';
import { openSocket, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { inside, instancesIn, membersIn, type Client, type Node } from './support/redis.js';
import { useSignaling } from './support/signaling.js';

const redis = useRedis();
const signaling = useSignaling(redis, 1, { CB_ERROR_THRESHOLD: '1000' });

interface Seen {
  readonly atSeconds: number;
  readonly command: readonly string[];
}

function monitorOf(node: Node) {
  if (!('monitor' in node)) throw new Error('this is no single node');
  return node.monitor();
}

/** All commands that Redis, or any node of it, does while something is done: also those of scripts, in their order. */
const commandsDuring = (act: () => Promise<unknown>) =>
  inside(redis.env, async ({ nodes }) => {
    const seen: Seen[] = [];
    const monitors = await Promise.all(nodes.map(monitorOf));
    for (const monitor of monitors) {
      monitor.on('monitor', (time: string, command: string[]) =>
        seen.push({ atSeconds: Number(time), command }),
      );
    }
    await act();
    for (const monitor of monitors) monitor.disconnect();
    return seen.toSorted((a, b) => a.atSeconds - b.atSeconds);
  });

describe('what tells its survivors where to look', () => {
  it.each([
    ['plain members', []],
    ['members of parley.v1', ['parley.v1']],
  ] as const)('is written before anybody is in the room: %s (S5)', async (_, protocols) => {
    const rooms = Array.from({ length: 60 }, () => uniqueId('room'));
    const url = signaling.instances[0]?.url ?? '';
    const commands = await commandsDuring(async () => {
      const join = (room: string) => openSocket(`${url}/?roomId=${room}`, { protocols: [...protocols] });
      const members = await Promise.all(rooms.map(join));
      for (const room of rooms) {
        await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'Redis knows the member');
      }
      await Promise.all(members.map((member) => member.close()));
    });
    for (const room of rooms) {
      const at = (isIt: (command: readonly string[]) => boolean) =>
        commands.findIndex(({ command }) => isIt(command));
      const noted = at(([name, , ...values]) => name?.toLowerCase() === 'sadd' && values.includes(room));
      const entered = at(
        ([name, key = '']) => name?.toLowerCase() === 'hset' && key.endsWith(`${room}}:members`),
      );
      expect(noted).toBeGreaterThanOrEqual(0);
      expect(entered).toBeGreaterThan(noted);
    }
  });

  it('refuses the join where it cannot be written, and leaves nobody behind', async () => {
    const [instanceId = ''] = await instancesIn(redis.env);
    const room = signaling.room();
    await inside(redis.env, ({ client, keys }) => client.set(keys.instance.rooms(instanceId), 'no set'));
    const refused = await signaling.join(room);
    const { code } = await refused.waitClosed();
    expect([1011, 1013]).toContain(code);
    await waitFor(async () => (await membersIn(redis.env, room)) === 0, 'nobody is left');
    await inside(redis.env, ({ client, keys }) => client.del(keys.instance.rooms(instanceId)));
    const member = await signaling.join(room);
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'the next one has its place');
    expect(
      await inside(redis.env, ({ client, keys }) => client.smembers(keys.instance.rooms(instanceId))),
    ).toContain(room);
    await member.close();
  });

  it('refuses those who come right behind such a join as well: nobody is in a room that is not written', async () => {
    const [instanceId = ''] = await instancesIn(redis.env);
    const rooms = Array.from({ length: 20 }, () => signaling.room());
    const index = <T>(look: (client: Client, key: string) => Promise<T>) =>
      inside(redis.env, ({ client, keys }) => look(client, keys.instance.rooms(instanceId)));
    await index((client, key) => client.set(key, 'no set'));
    const sockets = await Promise.all(rooms.flatMap((room) => [signaling.join(room), signaling.join(room)]));
    for (const socket of sockets) expect((await socket.waitClosed()).code).toBe(1011);
    for (const room of rooms) {
      await waitFor(async () => (await membersIn(redis.env, room)) === 0, 'nobody is left');
    }
    await index((client, key) => client.del(key));
  });
});
