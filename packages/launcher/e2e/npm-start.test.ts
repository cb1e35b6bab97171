import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeCleanClone } from './support/clean-clone.js';
import { freePortVariables, npmStart, type NpmStart } from './support/npm-start.js';
import { processTree, stillRunning } from './support/processes.js';

const FIRST_START_MS = 300_000;
const GONE_WITHIN = { timeout: 20_000, interval: 50 };

let clone: string;

beforeAll(() => {
  clone = makeCleanClone();
});
afterAll(() => rmSync(clone, { recursive: true, force: true, maxRetries: 3 }));

async function startUp(): Promise<{ start: NpmStart; tree: number[] }> {
  const start = npmStart(clone, await freePortVariables());
  await start.up;
  return { start, tree: processTree(start.npm.pid ?? 0) };
}

async function expectNoneLeft(tree: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(stillRunning(tree)).toEqual([]), GONE_WITHIN);
}

/** The process of a tree whose command line holds some text. */
function processRunning(tree: readonly number[], text: string): number {
  const line = stillRunning(tree).find((each) => each.includes(text) && !each.includes('leash.js'));
  return Number(/\d+/.exec(line ?? '')?.[0]);
}

describe('npm start in a clean clone with an empty cache and no Redis on PATH', () => {
  it(
    'comes up, names a demo that is there, matches a client with a host, and leaves no process behind after SIGINT',
    async () => {
      const { start, tree } = await startUp();
      // 2 of npm and launcher, 4 services, 3 hosts, and Redis.
      expect(tree.length).toBeGreaterThanOrEqual(10);

      const client = spawn(process.execPath, [join(clone, 'examples', 'dist', 'streaming-client.js')], {
        env: { MATCHMAKER_URL: start.matchmakerUrl, REGION: 'local' },
        stdio: 'ignore',
      });
      expect(await once(client, 'exit')).toEqual([0, null]);

      const [demo = ''] = /http:\S+\/demo\b/.exec(start.output()) ?? [];
      expect(await (await fetch(demo)).text()).toContain('Host a game');
      const where = (await (await fetch(`${demo}/api/where`)).json()) as object;
      expect(where).toMatchObject({ matchmakerUrl: start.matchmakerUrl });

      start.npm.kill('SIGINT');
      expect(await start.exited).toBe(0);
      await expectNoneLeft(tree);
    },
    FIRST_START_MS,
  );

  // What else runs on the machine may cost one start a second, but not three in a row.
  it('is up in less than 5 s the second time', { retry: 2 }, async () => {
    const { start } = await startUp();
    expect(await start.up).toBeLessThan(5);
    start.npm.kill('SIGTERM');
    await start.exited;
  });

  it.each([
    ['npm', (start: NpmStart) => start.npm.pid ?? 0],
    ['the launcher', (_: NpmStart, tree: number[]) => processRunning(tree, 'bin/start.js')],
  ])('leaves no process behind after a SIGKILL of %s', async (_name, victim) => {
    const { start, tree } = await startUp();
    process.kill(victim(start, tree), 'SIGKILL');
    await expectNoneLeft(tree);
  });

  it('leaves no process behind after a SIGKILL of npm while it still installs', async () => {
    rmSync(join(clone, 'node_modules', '.parley-installed'));
    const start = npmStart(clone, await freePortVariables());
    const tree = await vi.waitUntil(() => {
      const pids = processTree(start.npm.pid ?? 0);
      return stillRunning(pids).some((line) => line.includes('--frozen-lockfile')) && pids;
    }, GONE_WITHIN);
    start.npm.kill('SIGKILL');
    await expectNoneLeft(tree);
  });

  it('says which part died, with its last words, and stops everything', async () => {
    const { start, tree } = await startUp();
    process.kill(processRunning(tree, join('gateway', 'dist', 'main.js')), 'SIGKILL');
    expect(await start.exited).toBe(1);
    expect(start.output()).toMatch(/gateway ended unexpectedly.*"listening".*\.cache\/logs\/gateway\.log/s);
    await expectNoneLeft(tree);
  });

  it('says which port is taken, and which variable changes it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = npmStart(clone, { ...(await freePortVariables()), GATEWAY_PORT: String(port) });
    expect(await start.exited).toBe(1);
    expect(start.output()).toContain(`${port}, for the gateway: set GATEWAY_PORT to another port`);
    other.close();
  });
});
