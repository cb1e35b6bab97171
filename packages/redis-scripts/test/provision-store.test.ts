import { uniqueId, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { PoolReaper, PoolStore, ProvisionStore } from '../src/index.js';
import { report, useConnection } from './pool-support.js';

const connect = useConnection();
const LEAD_MS = 200;

async function twoStores() {
  const redis = await connect();
  return { redis, one: new ProvisionStore(redis, LEAD_MS), two: new ProvisionStore(redis, LEAD_MS) };
}

describe('the provisioner', () => {
  it('is one at a time, and its next one has a higher term', async () => {
    const { one, two } = await twoStores();
    const terms = await Promise.all([one.lead(), two.lead()]);
    expect(terms.filter((term) => term !== undefined)).toHaveLength(1);
    const [leader, other] = terms[0] === undefined ? [two, one] : [one, two];
    const term = await leader.lead();
    expect(terms).toContain(term);
    await leader.resign();
    expect(Number(await other.lead())).toBeGreaterThan(Number(term));
  });

  it('notes what it tells the platform, for its successor to know', async () => {
    const { one, two } = await twoStores();
    const region = uniqueId('region');
    expect(await two.told(region)).toBeUndefined();
    expect(await one.confirm((await one.lead()) ?? '', region, 7)).toBe(true);
    expect(await two.told(region)).toBe(7);
  });

  it('leads for longer with each thing it tells', async () => {
    const { one, two } = await twoStores();
    const term = (await one.lead()) ?? '';
    const until = Date.now() + 3 * LEAD_MS;
    await waitFor(async () => {
      expect(await one.confirm(term, 'eu', 1)).toBe(true);
      expect(await two.lead()).toBeUndefined();
      return Date.now() > until;
    }, 'three leases are over');
  });

  it('that was replaced while it slept may tell the platform nothing, not even before its successor does', async () => {
    const { one, two } = await twoStores();
    const term = (await one.lead()) ?? '';
    await waitFor(async () => (await two.lead()) !== undefined, 'the other takes over');
    expect(await one.confirm(term, 'eu', 3)).toBe(false);
    expect(await two.told('eu')).toBeUndefined();
  });

  it('that leads again may not go on with what it began in an earlier term', async () => {
    const { one } = await twoStores();
    const term = (await one.lead()) ?? '';
    await one.resign();
    const next = (await one.lead()) ?? '';
    expect(await one.confirm(term, 'eu', 3)).toBe(false);
    expect(await one.confirm(next, 'eu', 3)).toBe(true);
  });

  it('need not be the reaper', async () => {
    const { redis, one } = await twoStores();
    expect((await new PoolReaper(redis, LEAD_MS).round()).outcome).toBe('led');
    expect(await one.lead()).toBeDefined();
  });

  it('sees how large hosts are: the one with the most free slots among many, and each of few', async () => {
    const { redis, one } = await twoStores();
    const pool = new PoolStore(redis, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 });
    const many = Array.from({ length: 100 }, () => report());
    await Promise.all(many.map((host) => pool.heartbeat(host)));
    const region = many[0]?.region ?? '';
    expect((await one.look(region)).largest).toBe(1);
    await pool.heartbeat(report({ capacity: 9, availableSlots: 2 }));
    expect(await one.look(region)).toMatchObject({ hosts: 101, largest: 9 });

    const few = [report({ region: 'full' }), report({ region: 'full', capacity: 4, availableSlots: 0 })];
    await Promise.all(few.map((host) => pool.heartbeat(host)));
    expect(await one.look('full')).toMatchObject({ hosts: 2, largest: 4, isUnsettled: false });
    expect((await one.look('empty')).largest).toBe(0);
  });
});
