import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis } from '@parley/testkit';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

/** Runs a program of its own on the built package; answers its exit code and what it printed. */
async function run(program: string, ...flags: string[]): Promise<{ code: unknown; output: string }> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', program], { cwd });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, output };
}

describe('in Node', () => {
  it('says what to do where there is no WebSocket', async () => {
    const { output } = await run(`
      import { connect } from '@parley/client';
      delete globalThis.WebSocket;
      try { connect({ roomId: 'r', signalingUrl: 'ws://127.0.0.1:1' }); } catch (error) { console.log(error.message); }
    `);
    expect(output).toContain('import { WebSocket } from "ws"');
  });

  it("works with Node's own WebSocket, which is like a browser's, through a connection that hangs", async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    const ended = run(
      `
      import { connect } from '@parley/client';
      const liveness = { quietMs: 400, answerMs: 400 };
      const session = connect({ roomId: '${uniqueId('room')}', signalingUrl: '${proxy.url}' }, { liveness });
      const tell = (...words) => console.log(...words);
      session.on('welcome', ({ isReturn, isSameMember, recovered }) => {
        tell('welcome', isReturn, isSameMember, recovered);
        if (isReturn) session.chat('back');
      });
      session.on('chat', ({ text }) => { tell(text); session.close(); });
      session.on('closed', ({ reason }) => tell(reason));
    `,
      '--experimental-websocket',
    );
    // The hung one stays hung; the next one gets through.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    proxy.stall();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    proxy.resume();
    const { output } = await ended;
    expect(output).toContain('welcome false false false\nwelcome true true true\nback\nclosed');
    await proxy.stop();
  });

  it('leaves nothing behind after close: the process ends by itself, whatever was going on', async () => {
    const { url } = await stack.start('signaling');
    const matchmaker = await stack.start('matchmaker');
    const startedAt = Date.now();
    const { code, output } = await run(`
      import { connect, createHost } from '@parley/client';
      import { WebSocket } from 'ws';
      process.on('unhandledRejection', (error) => console.log('unhandled', error));
      const where = { roomId: '${uniqueId('room')}', signalingUrl: '${url}' };
      const session = connect(where, { WebSocket });
      const lost = connect({ ...where, signalingUrl: 'ws://127.0.0.1:1' }, { WebSocket, refreshIce: async () => ({ iceServers: [] }) });
      const host = createHost({ matchmakerUrl: '${matchmaker.url}', hostSecret: '${stack.hostSecret}', address: '127.0.0.1:1' });
      const away = createHost({ matchmakerUrl: 'http://127.0.0.1:1', hostSecret: 'x', address: '127.0.0.1:1' });
      host.on('ready', () => session.once('chat', console.log));
      session.on('welcome', ({ memberId }) => {
        console.log('welcome', typeof memberId);
        setTimeout(() => {
          session.close();
          lost.close();
          host.close();
          away.close();
        }, 300);
      });
    `);
    expect(output).toBe('welcome string\n');
    expect(code).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });

  it('needs nothing but its own files and the close codes: no schema library is loaded', async () => {
    const { output } = await run(`
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(
        'export const load = (url, context, next) => { process._rawDebug(url); return next(url, context); }'
      ));
      await import('@parley/client');
    `);
    expect(output).toContain('close-codes.js');
    expect(output).not.toMatch(/zod|protocol\/dist\/index/);
  });
});
