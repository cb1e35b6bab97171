import { expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { candidate } from './support/messages.js';
import { metric } from './support/metrics.js';
import { useSignaling } from './support/signaling.js';
import { join, resume } from './support/v1.js';

const redis = useRedis();
const signaling = useSignaling(redis, 2, {
  REDIS_COMMAND_TIMEOUT_MS: '300',
  CB_ERROR_THRESHOLD: '3',
  CB_OPEN_MS: '500',
  // What may wait in a room: four messages of the greatest size.
  HELD_MAX_BYTES: '1024',
  MESSAGE_MAX_BYTES: '1024',
});
const UNSENT = 'messages_unsent_total{why="outbox-full"}';
const url = (i: number) => signaling.instances[i]?.url ?? '';

it('who misses what was too much to wait for Redis is told so, although it was there all the time', async () => {
  const room = signaling.room();
  const [says, hears] = [await join(url(0), room), await join(url(1), room)];
  says.send(candidate(0));
  await waitFor(() => hears.of('candidate').length === 1, 'they are together');

  redis.pause();
  for (let n = 1; n <= 200; n += 1) says.send(candidate(n));
  const dropped = async () => metric((await signaling.instances[0]?.metrics()) ?? '', UNSENT) > 0;
  await waitFor(dropped, 'it is too much');
  redis.resume();

  expect(await hears.waitClosed(15_000)).toEqual({ code: 1013, reason: 'Service unavailable' });
  const again = await resume(url(1), room, hears);
  expect(again.welcome).toMatchObject({ memberId: hears.welcome.memberId, recovered: false });
  const back = says.closed ? await resume(url(0), room, says) : says;
  back.send(candidate(201));
  await waitFor(() => again.of('candidate').at(-1)?.['candidate'] === 'candidate:201', 'all goes on');
});
