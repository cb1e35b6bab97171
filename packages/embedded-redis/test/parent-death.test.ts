import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';
import { startRedis } from '../src/index.js';
import { firstJsonLine, runFixture } from './helpers/fixture.js';
import { hasDeathSignal, isListening, isRunning, parentOf } from './helpers/liveness.js';

interface Started {
  readonly url: string;
  readonly pid: number;
}

const GONE_WITHIN = { timeout: 10_000, interval: 20 };

async function parentThatStarts(then: 'stay' | 'end'): Promise<{ parent: ChildProcess; server: Started }> {
  // A process group of its own, as a terminal gives one to each command.
  const parent = runFixture('parent.mjs', [then], { detached: true });
  return { parent, server: await firstJsonLine<Started>(parent) };
}

async function expectGone({ url, pid }: Started): Promise<void> {
  await vi.waitUntil(async () => !isRunning(pid) && !(await isListening(url)), GONE_WITHIN);
}

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null });
  client.on('error', () => {});
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

async function workFolderOf(url: string): Promise<string> {
  const [, folder = ''] = await ask(url, (client) => client.config('GET', 'dir'));
  return folder;
}

async function uptimeSecondsOf(url: string): Promise<number> {
  const info = await ask(url, (client) => client.info('server'));
  return Number(/^uptime_in_seconds:(\d+)/m.exec(info)?.[1]);
}

describe('the server goes with the program that started it', () => {
  it('when that is killed with SIGKILL, and its working folder too', async () => {
    const { parent, server } = await parentThatStarts('stay');
    const folder = await workFolderOf(server.url);
    expect(folder).toSatisfy(existsSync);
    parent.kill('SIGKILL');
    await expectGone(server);
    await vi.waitUntil(() => !existsSync(folder), GONE_WITHIN);
  });

  it('when that is killed with SIGKILL while the server is frozen', async () => {
    const { parent, server } = await parentThatStarts('stay');
    process.kill(server.pid, 'SIGSTOP');
    parent.kill('SIGKILL');
    await expectGone(server);
  });

  it('when that ends without a stop, which a started server does not prevent', async () => {
    const { parent, server } = await parentThatStarts('end');
    if (parent.exitCode === null) await once(parent, 'exit');
    expect(parent.exitCode).toBe(0);
    await expectGone(server);
  });

  it('but not with a Ctrl-C, which is for that program to judge', async () => {
    const { parent, server } = await parentThatStarts('stay');
    const before = await uptimeSecondsOf(server.url);
    process.kill(-parent.pid!, 'SIGINT');
    // Redis acts on signals ten times a second: after two more seconds of uptime it has survived this one.
    await vi.waitUntil(async () => (await uptimeSecondsOf(server.url)) >= before + 2, GONE_WITHIN);
    expect(parent.exitCode).toBeNull();
    parent.kill('SIGKILL');
    await expectGone(server);
  });
});

describe('the server goes with its supervisor', () => {
  // Without util-linux' setpriv nothing can tell the server that its supervisor was killed.
  it.skipIf(!hasDeathSignal)('when that is killed with SIGKILL (Linux with setpriv)', async () => {
    const { url, pid, stop } = await startRedis({ ignoreUrl: true });
    const folder = await workFolderOf(url);
    process.kill(parentOf(pid!), 'SIGKILL');
    await expectGone({ url, pid: pid! });
    await stop();
    expect(folder).not.toSatisfy(existsSync);
  });
});
