import { uniqueId, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { PoolReaper, PoolStore } from '../src/index.js';
import { regionKeys } from '../src/pool/keys.js';
import { leadScript } from '../src/leader/scripts.js';
import { reapScript } from '../src/pool/scripts.js';
import { report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();
const LEAD_MS = 200;
const TIMES = { HOST_TTL_SECONDS: 0.1, LEASE_TTL_SECONDS: 0.1 };

async function poolAndReapers() {
  const redis = await connect();
  const pool = new PoolStore(redis, TIMES);
  return { redis, pool, one: new PoolReaper(redis, LEAD_MS), two: new PoolReaper(redis, LEAD_MS) };
}

describe('the reaper', () => {
  it('retires hosts and leases that nobody asks about, however many, and leaves nothing that does not end', async () => {
    const { redis, pool, one } = await poolAndReapers();
    const region = uniqueId('region');
    const hosts = Array.from({ length: 150 }, () => report({ region }));
    await Promise.all(hosts.map((host) => pool.heartbeat(host)));
    await Promise.all(hosts.map(() => pool.allocate(STREAMING)));
    const { totals, ...others } = regionKeys(redis.keys, region);
    const left = () => redis.command('exists', (client) => client.exists(Object.values(others)));
    expect(await left()).toBeGreaterThan(0);
    await waitFor(async () => {
      expect((await one.round()).outcome).toBe('led');
      return (await left()) === 0;
    }, 'all are retired');
    // Since when the region was there, for as long as anybody remembers it.
    const ttlMs = await redis.command('pttl', (client) => client.pttl(totals));
    expect(ttlMs).toBeGreaterThan(0);
  });

  it('is one at a time; another takes over when it resigns', async () => {
    const { one, two } = await poolAndReapers();
    const rounds = await Promise.all([one.round(), two.round()]);
    expect(rounds.map(({ outcome }) => outcome).toSorted()).toEqual(['follows', 'led']);
    expect((await two.round()).outcome).toBe('follows');
    await two.resign();
    expect((await one.round()).outcome).toBe('led');
    await one.resign();
    expect((await two.round()).outcome).toBe('led');
  });

  it('is replaced when it falls silent, within its time to lead', async () => {
    const { one, two } = await poolAndReapers();
    await one.round();
    const from = Date.now();
    await waitFor(async () => (await two.round()).outcome === 'led', 'the other takes over');
    expect(Date.now() - from).toBeGreaterThan(LEAD_MS / 2);
    expect(Date.now() - from).toBeLessThan(LEAD_MS * 5);
  });

  it('that was replaced while it slept is refused by every region that its successor has been to', async () => {
    const { redis, pool, two } = await poolAndReapers();
    await pool.heartbeat(report({ region: 'eu' }));
    const { leader } = redis.keys;
    const [, oldTerm = ''] = (await redis.run(leadScript, {
      keys: { leader: leader.holder('reaper'), term: leader.term('reaper') },
      argv: { owner: 'sleeper', ttlMs: 1 },
    })) as string[];
    await waitFor(async () => (await two.round()).outcome === 'led', 'the other takes over');
    await pool.heartbeat(report({ region: 'eu' }));
    await two.round();
    const late = await redis.run(reapScript, { keys: regionKeys(redis.keys, 'eu'), argv: { term: oldTerm } });
    expect(late).toEqual(['fenced']);
  });
});
