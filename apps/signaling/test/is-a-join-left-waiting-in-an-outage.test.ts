import { expect, it } from 'vitest';
import { openSocket, useRedis, waitFor } from '@parley/testkit';
import { instancesIn, membersIn } from './support/redis.js';
import { useSignaling } from './support/signaling.js';

const ROOMS = 40;

const redis = useRedis();
const signaling = useSignaling(redis, 1, {
  REDIS_COMMAND_TIMEOUT_MS: '500',
  CB_ERROR_THRESHOLD: '20',
  CB_OPEN_MS: '60000',
  TRUST_PROXY: '1',
});

it('not where its room waits for Redis among many others, and the circuit opened after it was let in (S6)', async () => {
  const url = signaling.instances[0]?.url ?? '';
  const rooms = Array.from({ length: ROOMS }, () => signaling.room());
  const members = await Promise.all(rooms.map((room) => openSocket(`${url}/?roomId=${room}`)));
  for (const room of rooms) {
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'Redis knows the member');
  }
  redis.pause();
  for (const member of members) await member.close();
  // From an address that was not counted yet: it has to be asked about, which takes as long as a command may.
  const late = await Promise.all(
    rooms.slice(-4).map((room, i) => {
      const headers = { 'X-Forwarded-For': `203.0.113.${i + 1}` };
      return openSocket(`${url}/?roomId=${room}`, { headers });
    }),
  );
  for (const socket of late) {
    expect(await socket.waitClosed(4_000)).toEqual({ code: 1013, reason: 'Service unavailable' });
  }
  redis.resume();
  for (const room of rooms) {
    await waitFor(async () => (await membersIn(redis.env, room)) === 0, 'nobody is left', 10_000);
  }
  expect(await instancesIn(redis.env)).toHaveLength(1);
});
