import { connect } from 'node:net';
import { request as httpRequest, Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { waitFor } from '@parley/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, raw, startApi, type Answer } from './api.js';

let port: number;
let logged: string[];
beforeAll(async () => ({ port, logged } = await startApi()));

const post = (
  body: string | Uint8Array,
  headers: Record<string, string> = { 'Content-Type': 'application/json' },
) => ask(port, '/echo', { method: 'POST', body, headers });

const LIMIT_BYTES = 65_536;

describe('a body', () => {
  it('that is right reaches the route', async () => {
    expect((await post('{"name":"grüße","count":2,"unknown":1}')).json).toEqual({ name: 'grüße', count: 2 });
  });

  it.each([
    ['text/plain', 'curl without a header'],
    ['application/x-www-form-urlencoded', 'curl -d'],
    ['application/json; charset=UTF-8', 'with a charset'],
    ['application/json;charset="utf-8"', 'with a quoted charset'],
    ['nonsense', 'no media type at all'],
  ])('sent as %s is read as JSON (%s)', async (type) => {
    expect((await post('{"name":"x"}', { 'Content-Type': type })).status).toBe(200);
  });

  it('with Content-Type twice is read, as real hosts send it', async () => {
    const answer = await raw(
      port,
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Type: application/json\r\n' +
        'Connection: close\r\nContent-Length: 12\r\n\r\n{"name":"x"}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('with a byte order mark is read', async () => {
    expect((await post('\uFEFF{"name":"x"}')).status).toBe(200);
  });

  it('in chunks is read', async () => {
    const answer = await raw(
      port,
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
        '7\r\n{"name"\r\n5\r\n:"x"}\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(['{"name":', 'name=x', '\0\x01\x02', '{"name":"x"}trailing'])('%j is a 400', async (body) => {
    const { status, json, headers } = await post(body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({
      type: 'urn:parley:problem:malformed_body',
      title: expect.any(String) as string,
      status: 400,
      detail: expect.any(String) as string,
      code: 'malformed_body',
      success: false,
      error: 'Malformed request',
    });
  });

  it.each(['', '{}', '[]', '"text"', '17', 'null', 'true'])(
    'that is JSON but not what the route wants is a 400: %j',
    async (body) => {
      const { status, json } = await post(body);
      expect([status, json['success']]).toEqual([400, false]);
    },
  );

  it('that does not fit the schema names what is wrong', async () => {
    const { json } = await post('{"name":7,"count":1.5}');
    expect(json).toMatchObject({
      code: 'validation_failed',
      success: false,
      error: 'Validation failed',
      issues: [
        { path: 'name', message: expect.any(String) as string, code: 'invalid_type' },
        { path: 'count', message: expect.any(String) as string, code: 'invalid_type' },
      ],
    });
  });

  it('of the greatest size is read, and one byte more is a 413', async () => {
    const wrapper = '{"name":"x"}';
    const fitting = `${wrapper}${' '.repeat(LIMIT_BYTES - wrapper.length)}`;
    expect((await post(fitting)).status).toBe(200);
    const { status, json } = await post(`${fitting} `);
    expect(status).toBe(413);
    expect(json).toMatchObject({ code: 'body_too_large', success: false });
  });

  it('without an end is a 413 as well, and is not read on', async () => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', () => {});
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    await waitFor(() => {
      if (!socket.destroyed) socket.write(chunk);
      return answer.includes('413');
    }, 'it is refused');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it.each(['utf-16', 'latin1', 'x-unknown'])('in the charset %s is a 415', async (charset) => {
    const { status, json } = await post('{"name":"x"}', {
      'Content-Type': `application/json; charset=${charset}`,
    });
    expect(status).toBe(415);
    expect(json).toMatchObject({ code: 'unsupported_media', success: false });
  });

  it('that is compressed is a 415', async () => {
    const { status, json } = await post(gzipSync('{"name":"x"}'), { 'Content-Encoding': 'gzip' });
    expect(status).toBe(415);
    expect(json).toMatchObject({ code: 'unsupported_media', success: false });
  });

  it('that is broken off leaves no trace', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"na', () =>
      socket.resetAndDestroy(),
    );
    await waitFor(() => socket.destroyed, 'it is broken off');
    expect((await post('{"name":"x"}')).status).toBe(200);
    expect(logged.filter((line) => !line.includes('secret internals'))).toEqual([]);
  });
});

describe('a path', () => {
  it('gives its parameters, decoded, and its query', async () => {
    const { json } = await ask(port, '/things/a%20b%2Fc/parts/7?x=1&y=%C3%BC&x=2');
    expect(json).toMatchObject({ id: 'a b/c', part: '7', query: { x: '2', y: 'ü' } });
  });

  it('may end in a slash, or be absolute', async () => {
    expect((await ask(port, '/things/a/parts/7/')).status).toBe(200);
    const absolute =
      'GET http://example.com/things/a/parts/7?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    expect(await raw(port, absolute)).toMatch(/^HTTP\/1\.1 200 .*"x":"1"/s);
  });

  it('that is not decodable is a 400', async () => {
    const { status, json } = await ask(port, '/things/%E0%A4%A/parts/7');
    expect(status).toBe(400);
    expect(json['success']).toBe(false);
  });

  it.each([
    '/nowhere',
    '/things',
    '/things/a/parts',
    '/things/a/parts/b/c',
    '/echo2',
    '/__proto__',
    '//echo',
  ])('%s is unknown: 404', async (path) => {
    const { status, json } = await ask(port, path);
    expect(status).toBe(404);
    expect(json).toMatchObject({ code: 'route_not_found', success: false });
  });

  it.each([
    ['PUT', '/echo', 'POST'],
    ['GET', '/echo', 'POST'],
    ['POST', '/things/1', 'DELETE'],
  ])('does not take %s at %s: 405, with what it takes', async (method, path, allowed) => {
    const { status, json, headers } = await ask(port, path, { method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allowed);
    expect(json).toMatchObject({ code: 'method_not_allowed', success: false });
  });

  it('answers HEAD as GET, without the body', async () => {
    const { status, text } = await ask(port, '/things/a/parts/7', { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
  });
});

describe('every answer', () => {
  const answers = (): Promise<Answer>[] => [
    post('{"name":"x"}'),
    post('{'),
    post('x'.repeat(LIMIT_BYTES + 1)),
    post('{}', { 'Content-Type': 'application/json; charset=latin1' }),
    ask(port, '/nowhere'),
    ask(port, '/echo'),
    ask(port, '/fail'),
    ask(port, '/'),
    ask(port, '/things/1', { method: 'DELETE' }),
    ask(port, '/things/%/parts/2'),
    ask(port, '/healthz'),
    ask(port, '/anything', { method: 'OPTIONS' }),
  ];

  it('may be read by a page of any origin', async () => {
    for (const { status, headers } of await Promise.all(answers())) {
      expect([status, headers.get('access-control-allow-origin')]).toEqual([status, '*']);
      expect(headers.get('access-control-allow-methods')).toContain('DELETE');
      for (const name of ['Content-Type', 'Authorization', 'X-Request-Id', 'Idempotency-Key']) {
        expect(headers.get('access-control-allow-headers')).toContain(name);
      }
    }
  });

  it('has a request id, which errors repeat', async () => {
    for (const { status, headers, json } of await Promise.all(answers())) {
      expect(headers.get('x-request-id')).toBeTruthy();
      if (status >= 400) expect(json['requestId']).toBe(headers.get('x-request-id'));
    }
  });

  it('to a preflight is 204, without a body', async () => {
    const preflight = await ask(port, '/echo', {
      method: 'OPTIONS',
      headers: { Origin: 'https://example.com', 'Access-Control-Request-Method': 'POST' },
    });
    expect([preflight.status, preflight.text]).toEqual([204, '']);
  });

  it('says nothing of what serves it', async () => {
    const { headers } = await post('{"name":"x"}');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});

describe('the request id', () => {
  it('is echoed when it is usable', async () => {
    const { headers } = await ask(port, '/', { headers: { 'X-Request-Id': 'abc-123' } });
    expect(headers.get('x-request-id')).toBe('abc-123');
  });

  it.each(['with space', 'x'.repeat(129), ''])('%j is replaced', async (given) => {
    const { headers } = await ask(port, '/', { headers: { 'X-Request-Id': given } });
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/);
    expect(headers.get('x-request-id')).not.toBe(given);
  });
});

describe('a connection', () => {
  it('is kept for further requests, also after errors', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<number | undefined>();
    const send = (path: string, body?: string) =>
      new Promise<number>((resolve, reject) => {
        const sent = httpRequest({ port, path, agent, method: body ? 'POST' : 'GET' }, (response) => {
          sockets.add(response.socket.localPort);
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        });
        sent.on('error', reject).end(body);
      });
    const statuses = [
      await send('/'),
      await send('/echo', '{'),
      await send('/echo', '{"name":"x"}'),
      await send('/nowhere', '{"name":"x"}'),
      await send('/'),
    ];
    expect(statuses).toEqual([200, 400, 200, 404, 200]);
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  it('is kept longer than balancers keep theirs', async () => {
    const { headers } = await ask(port, '/');
    expect(headers.get('keep-alive')).toBe('timeout=65');
  });

  it('is closed when asked', async () => {
    const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\nConnection: close\r\n/is);
  });

  it.each([
    ['speaks no HTTP', '\x16\x03\x01\x02\x00garbage\r\n\r\n', 400, 'malformed_request'],
    [
      'sends headers without end',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}`,
      431,
      'headers_too_large',
    ],
  ])('that %s is told so, as a problem and with CORS', async (_what, bytes, status, code) => {
    const answer = await raw(port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/\r\nAccess-Control-Allow-Origin: \*\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      success: false,
      status,
      code,
    });
    expect((await ask(port, '/')).text).toBe('ok');
  });
});
