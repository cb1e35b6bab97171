import { useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { heartbeat, useMatchmakers, type Ask } from './support.js';

const redis = useStore();
const matchmaker = useMatchmakers();

const PRODUCTION = {
  NODE_ENV: 'production',
  SIGNALING_PUBLIC_URL: 'wss://signaling.example.com',
};

/** A matchmaker whose pool is empty: no other test's hosts. */
async function alone(name: string, env: Record<string, string> = {}) {
  return (await matchmaker({ ...redis.env, REDIS_KEY_PREFIX: `${name}:`, ...env })).ask;
}

async function fill(ask: Ask, count: number) {
  const hosts = Array.from({ length: count }, (_, at) => heartbeat({ region: `region-${at % 3}` }));
  await Promise.all(hosts.map((host) => ask('POST', '/api/host/heartbeat', host)));
  return hosts.map(({ hostId }) => hostId).toSorted();
}

describe('the list of hosts', () => {
  it('is a plain array of what each host is and what of it is free', async () => {
    const ask = await alone('plain');
    const host = heartbeat({ capacity: 3, availableSlots: 2 });
    await ask('POST', '/api/host/heartbeat', host);
    await ask('POST', '/api/match/find', {});
    const { body } = await ask('GET', '/api/hosts');
    expect(body).toEqual([
      {
        ...host,
        capacity: 3,
        availableSlots: 2,
        free: 1,
        leases: 1,
        sessions: 1,
        lastSeen: expect.any(Number) as number,
        expiresAt: expect.any(Number) as number,
      },
    ]);
    expect((await ask('GET', '/api/hosts/ttl')).body).toEqual([{ hostId: host.hostId, ttlSeconds: 30 }]);
  });

  it('can be paged, and then misses nobody and repeats nobody', async () => {
    const ask = await alone('paged');
    const hosts = await fill(ask, 17);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const path = `/api/hosts?limit=5${cursor ? `&cursor=${cursor}` : ''}`;
      const { body } = await ask('GET', path);
      const page = body as { hosts: { hostId: string }[]; cursor?: string };
      expect(page.hosts.length).toBeLessThanOrEqual(5);
      seen.push(...page.hosts.map(({ hostId }) => hostId));
      cursor = page.cursor;
    } while (cursor);
    expect(seen.toSorted()).toEqual(hosts);
  });

  it.each(['limit=0', 'limit=x', 'limit=1001', 'cursor=x'])('refuses ?%s', async (query) => {
    const ask = await alone('refuses');
    const { status, body } = await ask('GET', `/api/hosts?${query}`);
    expect(status).toBe(400);
    expect((body['issues'] as { path: string }[])[0]?.path).toBe(query.split('=')[0]);
  });

  it('in production takes ADMIN_TOKEN: 401 without, 403 with another', async () => {
    const ask = await alone('admin', { ...PRODUCTION, ADMIN_TOKEN: 'an-admin' });
    for (const path of ['/api/hosts', '/api/hosts/ttl']) {
      expect((await ask('GET', path, undefined, {})).status).toBe(401);
      expect((await ask('GET', path, undefined, { Authorization: 'Bearer x' })).status).toBe(403);
      expect((await ask('GET', path, undefined, { Authorization: 'Bearer an-admin' })).status).toBe(200);
    }
  });

  it('in production without ADMIN_TOKEN is closed, and says why', async () => {
    const ask = await alone('closed', PRODUCTION);
    const { status, body } = await ask('GET', '/api/hosts', undefined, { Authorization: 'Bearer x' });
    expect(status).toBe(403);
    expect(body['detail']).toContain('ADMIN_TOKEN');
  });
});
