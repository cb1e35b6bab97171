import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type ServiceName = 'gateway' | 'matchmaker' | 'signaling';

/** A service as its own process, as it is deployed. */
export interface RunningService {
  readonly process: ChildProcess;
  readonly port: number;
  /** Every log line so far. */
  readonly log: string[];
  /** Send a signal and wait for the end; answers the exit code, or null after a SIGKILL. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const START_TIMEOUT_MS = 20_000;

/** The port in a service's `listening` line. */
function listeningPort(line: string): number | undefined {
  if (!line.includes('"listening"')) return undefined;
  return (JSON.parse(line) as { port?: number }).port;
}

/** Run a service from its build on a free port, and wait until it listens. */
export async function startService(
  name: ServiceName,
  env: Readonly<Record<string, string>>,
): Promise<RunningService> {
  const main = fileURLToPath(new URL(`../../../apps/${name}/dist/main.js`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], PORT: '0', BIND_ADDRESS: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  // Its last lines are read by then.
  const exited = once(child, 'close');
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`${name} ${why}\n${log.join('\n')}`));
    };
    const timer = setTimeout(() => fail('did not listen in time'), START_TIMEOUT_MS);
    const onLine = (line: string) => {
      log.push(line);
      const found = listeningPort(line);
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    createInterface({ input: child.stdout }).on('line', onLine);
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    void exited.then(() => fail('exited before it listened'));
  });
  return {
    process: child,
    port,
    log,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}
