import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTcpProxy, waitFor, type TcpProxy } from '../src/index.js';

const echo = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {});
  socket.pipe(socket);
});
const sockets: Socket[] = [];
let proxy: TcpProxy;

beforeAll(async () => {
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
beforeEach(async () => {
  proxy = await startTcpProxy(`127.0.0.1:${(echo.address() as AddressInfo).port}`);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.stop();
});
afterAll(() => echo.close());

/** A connection through the proxy, and all that came back on it. */
async function open(): Promise<{ socket: Socket; got: () => string; error: () => string | undefined }> {
  const socket = connect(proxy.port, '127.0.0.1');
  sockets.push(socket);
  let [got, error]: [string, string | undefined] = ['', undefined];
  socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
  socket.on('error', (reason: NodeJS.ErrnoException) => (error = reason.code));
  await once(socket, 'connect');
  return { socket, got: () => got, error: () => error };
}

describe('a TCP proxy', () => {
  it('passes everything on, in order, and the end after it', async () => {
    proxy.latencyMs = 20;
    const data = randomBytes(4_000_000).toString('hex');
    const socket = connect(proxy.port, '127.0.0.1');
    sockets.push(socket);
    socket.end(data);
    const hash = (value: string) => createHash('sha256').update(value).digest('hex');
    expect(hash(await text(socket))).toBe(hash(data));
  });

  it('delays each way by the latency, without slowing down a stream of messages', async () => {
    proxy.latencyMs = 100;
    const { socket, got } = await open();
    const startedAtMs = performance.now();
    for (const letter of 'abcdefghij') {
      socket.write(letter);
      await new Promise(setImmediate);
    }
    await waitFor(() => got() === 'abcdefghij', 'everything comes back');
    const tookMs = performance.now() - startedAtMs;
    expect(tookMs).toBeGreaterThanOrEqual(199);
    expect(tookMs).toBeLessThan(1_000);
  });

  it('holds everything back while it is stalled, on new connections too', async () => {
    const before = await open();
    proxy.stall();
    const during = await open();
    before.socket.write('one');
    during.socket.write('two');
    const control = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(control);
    control.write('three');
    expect(String(await once(control, 'data'))).toBe('three');
    expect([before.got(), during.got()]).toEqual(['', '']);
    proxy.resume();
    await waitFor(() => before.got() === 'one' && during.got() === 'two', 'what was held back comes');
  });

  it('breaks connections by a reset, and takes new ones', async () => {
    const before = await open();
    proxy.reset();
    await waitFor(() => before.error() === 'ECONNRESET', 'the connection is reset');
    const after = await open();
    after.socket.write('hello');
    await waitFor(() => after.got() === 'hello', 'the new connection works');
  });

  it('can be cut and restored on the same port', async () => {
    const before = await open();
    await proxy.cut();
    await waitFor(() => before.error() === 'ECONNRESET', 'the connection is reset');
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    await proxy.restore();
    const after = await open();
    after.socket.write('hello');
    await waitFor(() => after.got() === 'hello', 'it works again');
  });

  it('resets a connection whose target is not there', async () => {
    const toNowhere = await startTcpProxy('redis://127.0.0.1:1');
    expect(toNowhere.url).toBe(`redis://127.0.0.1:${toNowhere.port}`);
    const socket = connect(toNowhere.port, '127.0.0.1');
    sockets.push(socket);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    await toNowhere.stop();
  });
});
