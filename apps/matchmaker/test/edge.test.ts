import { uniqueId, useRedis } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { heartbeat, useMatchmakers, type Ask } from './support.js';

const redis = useRedis();
const matchmaker = useMatchmakers();

async function two(env: Record<string, string>): Promise<[Ask, Ask]> {
  const shared = { ...redis.env, REDIS_KEY_PREFIX: `${uniqueId('edge')}:`, ...env };
  const [one, other] = await Promise.all([matchmaker(shared), matchmaker(shared)]);
  return [one.ask, other.ask];
}

/** How many of 30 requests over two matchmakers are refused, each with other headers. */
async function refused(asks: readonly Ask[], headers: (at: number) => Record<string, string>) {
  const answers = [];
  for (let at = 0; at < 30; at++) {
    const ask = asks[at % asks.length];
    if (ask) answers.push(await ask('POST', '/api/match/find', { region: 'nowhere' }, headers(at)));
  }
  return answers.filter(({ status }) => status === 429);
}

describe('the limit per address', () => {
  it('holds over all matchmakers, whatever X-Forwarded-For says, and tells when to come back', async () => {
    const asks = await two({ RATE_LIMIT_HTTP_PER_10S: '10' });
    const answers = await refused(asks, (at) => ({ 'X-Forwarded-For': `192.0.2.${at}` }));
    expect(answers.length).toBeGreaterThanOrEqual(20);
    expect(answers[0]?.body).toMatchObject({ success: false, code: 'rate_limited' });
    expect(Number(answers[0]?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(answers[0]?.headers.get('RateLimit')).toMatch(/^"http-ip";r=0;t=\d+$/);
    expect(answers[0]?.headers.get('Access-Control-Allow-Origin')).toBe('*');
    // Hosts have their secret, and no limit.
    expect((await asks[0]('POST', '/api/host/heartbeat', heartbeat())).status).toBe(200);
  });

  it('counts by what a trusted proxy wrote, and not by what a client wrote before it', async () => {
    const env = { RATE_LIMIT_HTTP_PER_10S: '10', TRUST_PROXY: '1' };
    const forged = await refused(await two(env), (at) => ({
      'X-Forwarded-For': `192.0.2.${at}, 198.51.100.1`,
    }));
    expect(forged.length).toBeGreaterThanOrEqual(20);
    const many = await refused(await two(env), (at) => ({ 'X-Forwarded-For': `198.51.100.${at}` }));
    expect(many).toEqual([]);
  });
});

it('/openapi.json tells of every route, with its body and its answer', async () => {
  const { ask } = await matchmaker({ ...redis.env });
  const { body } = await ask('GET', '/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, unknown>>;
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/api/match/find',
      '/api/ice-servers',
      '/api/host/heartbeat',
      '/api/host/status',
      '/api/host/{hostId}',
      '/api/host/rooms/{roomId}/closed',
      '/api/hosts',
      '/api/hosts/ttl',
    ]),
  );
  expect(paths['/api/host/heartbeat']?.['post']).toHaveProperty('requestBody');
  expect((await ask('GET', '/docs')).text).toContain('<html');
});

it('a host that heartbeats from another region each time, through two matchmakers, has its slots once', async () => {
  const asks = await two({});
  const host = heartbeat({ capacity: 2 });
  const beat = (at: number) =>
    asks[at % 2 === 0 ? 0 : 1]('POST', '/api/host/heartbeat', { ...host, region: `region-${at % 3}` });
  await beat(0);
  expect((await asks[1]('POST', '/api/match/find', { hostId: host.hostId })).status).toBe(200);
  for (let round = 0; round < 20; round++) await Promise.all([beat(round), beat(round + 1)]);
  await beat(1);
  const { body } = await asks[0]('GET', '/api/hosts');
  expect(body).toMatchObject([{ hostId: host.hostId, region: 'region-1', leases: 1, free: 1 }]);
  const statuses = [];
  for (let at = 0; at < 3; at++) statuses.push((await asks[0]('POST', '/api/match/find', {})).status);
  expect(statuses).toEqual([200, 404, 404]);
});
