import { expect, it } from 'vitest';
import { PoolStore, type Allocation, type RedisConnection } from '../src/index.js';
import { allocateScript } from '../src/pool/scripts.js';
import { intercept, report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();
const TIMES = { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 };

/** Something happens right before each look into a region. */
function beforeEachLook(redis: RedisConnection, happens: (look: number) => Promise<void>): RedisConnection {
  let looks = 0;
  return intercept(redis, async (name) => {
    if (name === allocateScript.name) await happens(++looks);
  });
}

it('nobody is told none because the free slot was always in the region it was not looking at (P4)', async () => {
  const redis = await connect();
  const others = new PoolStore(redis, TIMES);
  for (const region of ['eu', 'us']) await others.heartbeat(report({ region }));
  const take = async (region: string) => {
    const lease = await others.allocate({ ...STREAMING, regions: [region] });
    if (lease.outcome !== 'leased') throw new Error(`no slot in ${region}`);
    return lease;
  };
  let held: Allocation = await take('eu');
  const hopTo = async (region: string) => {
    const next = await take(region);
    await others.release(held);
    held = next;
  };
  // It looks in eu, in us, and then where a slot was free a moment ago: each time the slot has just gone elsewhere.
  const hops: Record<number, string> = { 2: 'us', 3: 'eu', 4: 'us' };
  const hopping = beforeEachLook(redis, async (look) => {
    const region = hops[look];
    if (region) await hopTo(region);
  });
  const asker = new PoolStore(hopping, TIMES);
  const result = await asker.allocate({ ...STREAMING, regions: ['eu', 'us'] });
  expect(result.outcome).toBe('leased');
});
