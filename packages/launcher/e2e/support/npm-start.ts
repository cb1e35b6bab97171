import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { pathWithoutRedis } from './path-without-redis.js';
import { processTree } from './processes.js';

/** `npm start` in a checkout. */
export interface NpmStart {
  readonly npm: ChildProcess;
  readonly matchmakerUrl: string;
  /** What it printed so far. */
  output(): string;
  /** Resolves when it says that it is up, with the seconds it took; rejects when it ends before. */
  readonly up: Promise<number>;
  readonly exited: Promise<number | null>;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Free ports for each variable of `npm start` that names one. */
export async function freePortVariables(): Promise<Record<string, string>> {
  const names = ['MATCHMAKER_PORT', 'GATEWAY_PORT', 'SIGNALING_PORT', 'SIGNALING_2_PORT'];
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}

/** What a machine may need in its environment to reach a registry. */
function theWayOut(): NodeJS.ProcessEnv {
  const names = /^(HOME|TMPDIR|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

/** Runs `npm start` without a terminal and without a Redis on PATH; whatever is left of it is killed after the test. */
export function npmStart(folder: string, env: Readonly<Record<string, string>>): NpmStart {
  const npm = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...theWayOut(), PATH: pathWithoutRedis(process.env['PATH'] ?? ''), CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = once(npm, 'close').then(([code]) => code as number | null);
  const up = new Promise<number>((resolve, reject) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        const seconds = /is up after ([\d.]+) s/.exec(output)?.[1];
        if (seconds !== undefined) resolve(Number(seconds));
      });
    }
    void exited.then((code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
  });
  up.catch(() => {});
  onTestFinished(() => {
    if (npm.exitCode === null && npm.signalCode === null)
      for (const pid of processTree(npm.pid ?? 0)) kill(pid);
  });
  return {
    npm,
    matchmakerUrl: `http://127.0.0.1:${env['MATCHMAKER_PORT']}`,
    output: () => output,
    up,
    exited,
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
