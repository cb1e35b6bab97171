import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Node program that runs beside the bench and listens on loopback. */
export interface Program {
  readonly pid: number;
  readonly port: number;
  /** Ends it and resolves when it is gone: politely, and with SIGKILL after 5 s. */
  readonly stop: () => Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;
const KEPT_LINES = 20;

/** The port in the line with which a program says that it listens, as our services log it. */
function listeningPort(line: string): number | undefined {
  if (!line.includes('"listening"')) return undefined;
  return (JSON.parse(line) as { port?: number }).port;
}

/** Where a service's build is: benches measure what is deployed. */
export function serviceMain(name: 'gateway' | 'matchmaker' | 'signaling'): string {
  return fileURLToPath(new URL(`../../../apps/${name}/dist/main.js`, import.meta.url));
}

/**
 * Run a Node program on a free port of loopback, with nothing of our environment but what is given.
 * @throws when it ends or says nothing of a port within 20 s; with its last lines
 */
export async function startProgram(
  main: string,
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Promise<Program> {
  const child = spawn(process.execPath, [...nodeArgs, main], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'development', PORT: '0', BIND_ADDRESS: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${main} ${why}\n${lines.join('\n')}`));
    const timer = setTimeout(() => fail('did not listen in time'), START_TIMEOUT_MS);
    const onLine = (line: string) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      const found = listeningPort(line);
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', onLine);
    void exited.then(() => {
      clearTimeout(timer);
      fail('ended before it listened');
    });
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { pid: child.pid ?? 0, port, stop };
}
