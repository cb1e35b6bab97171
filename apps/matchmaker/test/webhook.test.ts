import { createHmac } from 'node:crypto';
import { loadConfig, matchmakerSettings } from '@parley/config';
import { Circuit } from '@parley/redis-scripts';
import { describe, expect, it } from 'vitest';
import type { Order } from '../src/provision/driver.js';
import { createAsk } from '../src/provision/request.js';
import { createWebhook } from '../src/provision/webhook.js';
import { serve, type Got, type Told } from './support-platform.js';

const SECRET = 'a-secret-of-the-webhook';
const PLAN = { slotsPerHost: 1, buffer: 1, min: 0, max: 9 };
const ORDER: Order = {
  region: 'eu west',
  desired: 5,
  current: 3,
  hosts: 3,
  used: 3,
  free: 0,
  reason: 'more-needed',
  term: '1790000000000000',
  number: 4,
};
const { signal } = new AbortController();

async function setUp(answer: (got: Got) => Told | undefined, env: Record<string, string> = {}) {
  const got: Got[] = [];
  const url = await serve((each) => {
    got.push(each);
    return answer(each);
  });
  const config = loadConfig(matchmakerSettings, {
    PROVISIONER_WEBHOOK_URL: `${url}/scale?for=parley`,
    PROVISIONER_WEBHOOK_SECRET: SECRET,
    PROVISIONER_TIMEOUT_MS: '300',
    ...env,
  });
  const told = new Map<string, number>();
  const ask = createAsk(new Circuit({ errorThreshold: 100, openMs: 60_000 }));
  const driver = createWebhook(config, {
    ask,
    told: async (region) => told.get(region),
    hostTtlMs: 30_000,
  });
  const reading = { outcome: 'read', current: 3 } as const;
  const write = () => driver.write(ORDER, { plan: PLAN, reading }, signal);
  const read = (watchedMs: number) => driver.read({ region: 'eu', plan: PLAN, hosts: 6, watchedMs }, signal);
  return { got, told, write, read };
}

describe('the webhook', () => {
  it('is told all there is to know, under one id for each order', async () => {
    const { got, write } = await setUp(() => ({ status: 204 }));
    expect(await write()).toEqual({ outcome: 'written' });
    expect(await write()).toEqual({ outcome: 'written' });
    const [first, second] = got;
    expect(first).toMatchObject({ method: 'POST', path: '/scale?for=parley' });
    expect(first?.headers).toMatchObject({
      authorization: `Bearer ${SECRET}`,
      'content-type': 'application/json',
      'idempotency-key': 'eu%20west/1790000000000000/4',
    });
    expect(JSON.parse(first?.body ?? '')).toEqual({
      ...ORDER,
      term: 1_790_000_000_000_000,
      id: 'eu%20west/1790000000000000/4',
    });
    expect(second?.body).toBe(first?.body);
  });

  it('gets a signature over time and body in place of the secret', async () => {
    const { got, write } = await setUp(() => ({ status: 200 }), { PROVISIONER_WEBHOOK_AUTH: 'hmac' });
    await write();
    const { headers, body } = got[0] as Got;
    const at = String(headers['x-parley-timestamp']);
    expect(Math.abs(Number(at) - Date.now() / 1_000)).toBeLessThan(5);
    const expected = createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex');
    expect(headers['x-parley-signature']).toBe(`sha256=${expected}`);
    expect(JSON.stringify(got)).not.toContain(SECRET);
  });

  it.each([
    [500, 'unavailable', true],
    [429, 'unavailable', true],
    [409, 'conflict', true],
    [401, 'unauthorized', false],
    [404, 'not-found', false],
    [400, 'refused', false],
  ])('that answers %i has failed: %s', async (status, kind, retry) => {
    const { write } = await setUp(() => ({ status }));
    expect(await write()).toMatchObject({ outcome: 'failed', kind, retry });
  });

  it('that sends us elsewhere is not followed: the secret is not for others', async () => {
    const elsewhere: Got[] = [];
    const other = await serve((each) => {
      elsewhere.push(each);
      return { status: 200 };
    });
    const { write } = await setUp(() => ({ status: 307, headers: { Location: other } }));
    expect(await write()).toMatchObject({ outcome: 'failed', kind: 'refused' });
    expect(elsewhere).toEqual([]);
  });

  it('that asks for another protocol has not answered, and is not waited for', async () => {
    const headers = { Connection: 'Upgrade', Upgrade: 'another' };
    const { write } = await setUp(() => ({ status: 101, headers }));
    expect(await write()).toMatchObject({ outcome: 'failed', kind: 'unreachable', retry: true });
  });

  it('that is slow is given up', async () => {
    const { write } = await setUp(() => undefined);
    expect(await write()).toMatchObject({ outcome: 'failed', kind: 'timeout', retry: true });
  });

  it('has as many hosts as it was told; where nobody knows, those that heartbeat, once all could have', async () => {
    const { told, read } = await setUp(() => ({ status: 200 }));
    expect(await read(29_999)).toEqual({ outcome: 'unknown' });
    expect(await read(30_000)).toEqual({ outcome: 'read', current: 6 });
    told.set('eu', 8);
    expect(await read(0)).toEqual({ outcome: 'read', current: 8 });
    // Redis has lost it.
    told.clear();
    expect(await read(30_000)).toEqual({ outcome: 'read', current: 8 });
  });
});
