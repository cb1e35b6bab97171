import { useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { useParley } from './support.js';

const LIMIT = 30;
const { ask } = useParley(useStore(), {
  RATE_LIMIT_HTTP_PER_10S: String(LIMIT),
  TRUST_PROXY: 'loopback',
});

const from = (address: string) => ({ 'X-Forwarded-For': address });

describe('the rate limit', () => {
  it('is held by both gateways together, for each client address', async () => {
    const asks = Array.from({ length: 3 * LIMIT }, () =>
      ask('GET', '/api/rooms/none', undefined, from('203.0.113.1')),
    );
    const answers = await Promise.all(asks);
    const served = answers.filter(({ status }) => status === 404).length;
    expect(served).toBeLessThanOrEqual(LIMIT);
    expect(served).toBeGreaterThanOrEqual(LIMIT - 2);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'rate_limited', success: false });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('GET', '/api/rooms/none', undefined, from('203.0.113.2'))).status).toBe(404);
  });

  it('tells its state in every answer', async () => {
    const { headers } = await ask('GET', '/api/rooms/none', undefined, from('203.0.113.3'));
    expect(headers.get('ratelimit-policy')).toBe(`"http-ip";q=${LIMIT};w=10`);
    expect(headers.get('ratelimit')).toMatch(new RegExp(`^"http-ip";r=${LIMIT - 1};t=\\d+$`));
  });

  it('leaves probes and the documentation alone', async () => {
    const asks = Array.from({ length: 2 * LIMIT }, () =>
      ask('GET', '/openapi.json', undefined, from('203.0.113.4')),
    );
    for (const { status } of await Promise.all(asks)) expect(status).toBe(200);
  });
});

describe('/openapi.json', () => {
  it('describes every route, with its body, its answer and its problems', async () => {
    const { body } = await ask('GET', '/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, Record<string, unknown>>>;
    const listed = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(listed.toSorted()).toEqual([
      'delete /api/rooms/{roomId}',
      'get /api/overview',
      'get /api/overview/events',
      'get /api/rooms',
      'get /api/rooms/{roomId}',
      'get /api/rooms/{roomId}/events',
      'get /console',
      'patch /api/rooms/{roomId}',
      'post /api/rooms',
      'post /api/rooms/{roomId}/join',
    ]);
    expect(paths['/api/rooms']?.['post']).toMatchObject({
      requestBody: {
        content: { 'application/json': { schema: { properties: { maxPlayers: { maximum: 10_000 } } } } },
      },
      responses: {
        201: {
          content: { 'application/json': { schema: { properties: { ownerToken: { type: 'string' } } } } },
        },
        503: { description: expect.stringContaining('no_capacity') as string },
      },
    });
    expect(paths['/api/rooms/{roomId}']?.['delete']).toMatchObject({
      parameters: [{ name: 'roomId', in: 'path' }],
      security: [{ ownerToken: [] }],
    });
  });
});
