import { describe, expect, it } from 'vitest';
import { uniqueId, useRedis, waitFor, type RunningService, type TestSocket } from '@parley/testkit';
import { metric } from './support/metrics.js';
import { candidate, offer } from './support/messages.js';
import { joinAt, metricsOf, probe, useProcesses } from './support/processes.js';
import { membersIn } from './support/redis.js';

/** What is sent while Redis hangs: four times what an instance may grow by. */
const MESSAGES = 40_000;
const MESSAGE_BYTES = 5_000;
const GROWTH_MAX_BYTES = 50 * 1_048_576;
/** And the most that may wait for Redis in one room. */
const OUTBOX_MAX_BYTES = 2_000_000;

const redis = useRedis();
const numbered = (n: number) => ({ type: 'offer', sdp: `${n} ${'x'.repeat(MESSAGE_BYTES - 50)}` });
const numberOf = (message: unknown) => Number.parseInt((message as { sdp: string }).sdp, 10);

interface Footprint {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

async function footprint(service: RunningService): Promise<Footprint> {
  const exposition = await metricsOf(service);
  return {
    residentBytes: metric(exposition, 'process_resident_memory_bytes'),
    heapBytes: metric(exposition, 'nodejs_heap_size_used_bytes'),
  };
}

/** Send as fast as the other side takes it. */
async function flood(sender: TestSocket, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) {
    sender.send(numbered(n));
    if (n % 200 === 0)
      await waitFor(() => sender.socket.bufferedAmount === 0, 'the instance takes it', 30_000);
  }
}

describe('while Redis hangs', () => {
  const processes = useProcesses(redis, {
    REDIS_COMMAND_TIMEOUT_MS: '300',
    CB_ERROR_THRESHOLD: '3',
    CB_OPEN_MS: '1000',
    HELD_MAX_BYTES: String(OUTBOX_MAX_BYTES),
    MESSAGE_MAX_BYTES: '100000',
  });

  it(
    'nothing grows without bound, and afterwards all is right without anyone reconnecting',
    { timeout: 90_000 },
    async () => {
      const [here, there] = [await processes.start(), await processes.start()];
      const room = uniqueId('room');
      const sender = await joinAt(here, room);
      const receiver = await joinAt(there, room);
      sender.send(offer);
      expect(await receiver.next()).toEqual(offer);
      // Members of other rooms, half of whom will leave while nobody can be told.
      const others = Array.from({ length: 40 }, () => uniqueId('room'));
      const pairs = await Promise.all(
        others.map(async (each) => [await joinAt(here, each), await joinAt(there, each)] as const),
      );
      for (const [first, second] of pairs) {
        first.send(offer);
        expect(await second.next()).toEqual(offer);
      }
      // What the process needs in any case, for as many messages, is no growth.
      for (let n = 0; n < 2_000; n += 100) {
        await flood(sender, n, n + 100);
        await waitFor(() => receiver.messages.length === n + 101, 'they arrive');
      }

      redis.pause();
      await waitFor(async () => (await probe(here, '/readyz')).status === 503, 'readiness goes red');
      const before = await footprint(here);
      expect(before.heapBytes).toBeGreaterThan(1_000_000);
      let most: Footprint = before;
      for (const [first] of pairs.slice(0, 20)) first.socket.close();
      for (let n = 0; n < MESSAGES; n += MESSAGES / 20) {
        await flood(sender, 2_000 + n, 2_000 + n + MESSAGES / 20);
        const now = await footprint(here);
        most = {
          residentBytes: Math.max(most.residentBytes, now.residentBytes),
          heapBytes: Math.max(most.heapBytes, now.heapBytes),
        };
      }
      const sent = 2_000 + MESSAGES;
      const unsent = async () => metric(await metricsOf(here), 'messages_unsent_total{why="outbox-full"}');
      const kept = Math.floor(OUTBOX_MAX_BYTES / MESSAGE_BYTES);
      await waitFor(async () => (await unsent()) >= MESSAGES - 1.1 * kept, 'the rest was counted');
      expect(most.residentBytes - before.residentBytes).toBeLessThan(GROWTH_MAX_BYTES);
      expect(most.heapBytes - before.heapBytes).toBeLessThan(GROWTH_MAX_BYTES);
      expect(MESSAGES * MESSAGE_BYTES).toBeGreaterThan(3 * GROWTH_MAX_BYTES);
      expect(sender.closed).toBeUndefined();

      redis.resume();
      await waitFor(async () => (await probe(here, '/readyz')).status === 200, 'readiness is green again');
      // What could wait arrives, in order, and then what is said from now on.
      const lost = await unsent();
      await waitFor(() => receiver.messages.length >= 1 + sent - lost, 'what waited arrives', 20_000);
      expect(receiver.messages).toHaveLength(1 + sent - lost);
      sender.send(candidate(1));
      await waitFor(() => receiver.messages.length === 2 + sent - lost, 'later messages arrive');
      const numbers = receiver.messages.slice(1, -1).map(numberOf);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbers.slice(0, 2_000 + 10)).toEqual(Array.from({ length: 2_010 }, (_, n) => n));
      receiver.send(candidate(2));
      expect(await sender.next()).toEqual(candidate(2));

      const sizes = () => Promise.all([room, ...others].map((each) => membersIn(redis.env, each)));
      const wanted = [2, ...others.map((_, i) => (i < 20 ? 1 : 2))];
      await waitFor(
        async () => (await sizes()).join() === wanted.join(),
        'the memberships are right',
        20_000,
      );
      for (const [first, second] of pairs.slice(20)) {
        second.send(candidate(3));
        expect(await first.next()).toEqual(candidate(3));
      }
      expect([sender, receiver, ...pairs.slice(20).flat()].filter(({ closed }) => closed)).toEqual([]);
    },
  );
});
