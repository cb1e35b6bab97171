import { expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { answer, candidate, rateLimited } from './support/messages.js';
import { useSignaling } from './support/signaling.js';

const signaling = useSignaling(useRedis(), 1, { RATE_LIMIT_MESSAGES_PER_10S: '2' });

it('who sends too much all the time is told once a window of 10 s', async () => {
  const room = signaling.room();
  const [host, page] = [await signaling.join(room), await signaling.join(room)];
  const startedAt = performance.now();
  const flood = setInterval(() => page.send(candidate(0)), 20);
  await waitFor(() => page.messages.length === 2, 'it is told again', 12_000);
  const tookMs = performance.now() - startedAt;
  host.send(answer);
  await waitFor(() => page.messages.length === 3, 'the answer arrives');
  clearInterval(flood);
  expect(page.messages).toEqual([rateLimited, rateLimited, answer]);
  expect(tookMs).toBeGreaterThanOrEqual(10_000);
  // Two at once, and two more in that time.
  expect(host.messages).toHaveLength(4);
});
