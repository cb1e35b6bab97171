import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, startApi } from './api.js';

let port: number;
let logged: string[];
beforeAll(async () => ({ port, logged } = await startApi()));

const REQUESTS = 10_000;
const AT_ONCE = 50;

/** Numbers that look random and are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const next = random(20_080_517);
const upTo = (n: number) => Math.floor(next() * n);
const oneOf = <T>(items: readonly T[]): T => items[upTo(items.length)] as T;
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => upTo(256))).toString('latin1');

const paths = () =>
  oneOf([
    '/echo',
    '/',
    '/things/1',
    '/things/%ff/parts/x',
    `/${bytes(20).replaceAll(/\s/g, '')}`,
    '//',
    '/%',
    '*',
    'http://',
  ]);
const bodies = () =>
  oneOf([
    '',
    '{',
    'null',
    bytes(200),
    '['.repeat(20_000),
    '{"a":'.repeat(5_000),
    '{"__proto__":{"x":1},"name":"x"}',
    '{"name":"\\ud800","count":1e999}',
    `{"name":${JSON.stringify('x'.repeat(70_000))}}`,
    `{"count":${'9'.repeat(400)}}`,
  ]);
const headers = () =>
  oneOf([
    '',
    `X-Request-Id: ${bytes(30).replaceAll(/[\r\n\0]/g, '')}\r\n`,
    'Content-Type: application/json; charset=\r\n',
    'Content-Encoding: gzip\r\n',
    'Expect: 100-continue\r\n',
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    'X-Forwarded-For: ,,,\r\n',
    `Authorization: Bearer ${'x'.repeat(500)}\r\n`,
  ]);
const lengths = (body: string) =>
  oneOf([
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n`,
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n`,
    'Content-Length: 999999999\r\n',
    'Content-Length: -1\r\n',
    'Transfer-Encoding: chunked\r\n',
    '',
  ]);

function garbage(): string {
  if (upTo(8) === 0) return bytes(1 + upTo(300));
  const body = bodies();
  const method = oneOf(['GET', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'BREW', 'CONNECT']);
  return `${method} ${paths()} HTTP/1.1\r\nHost: x\r\n${headers()}${lengths(body)}\r\n${body}`;
}

/** Send it, half of the time only a part, and take what comes back. */
function send(text: string): Promise<string> {
  const part = upTo(4) === 0 ? text.slice(0, upTo(text.length)) : text;
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(part, 'latin1'));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

describe('garbage', () => {
  it(`sent ${REQUESTS} times never gets a 500, and the API serves as before`, async () => {
    const statuses = new Map<string, number>();
    const sender = async () => {
      for (let i = 0; i < REQUESTS / AT_ONCE; i++) {
        const status = /^HTTP\/1\.1 (\d+)/.exec(await send(garbage()))?.[1] ?? 'none';
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    const seen = [...statuses.keys()];
    expect(seen.filter((status) => status.startsWith('5'))).toEqual([]);
    // The garbage is of many kinds: it got to all of these.
    expect(seen).toEqual(expect.arrayContaining(['200', '204', '400', '404', '405', '413', '415']));
    expect(logged).toEqual([]);
    expect((await ask(port, '/')).text).toBe('ok');
  });
});
