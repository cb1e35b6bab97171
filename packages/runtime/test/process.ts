import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@parley/testkit';

const FIXTURE = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));

/** The fixture as a process of its own. */
export interface FixtureProcess {
  readonly pid: number;
  /** All it wrote so far, to stdout and stderr. */
  output(): string;
  /** Its log lines so far. */
  lines(): Record<string, unknown>[];
  /** The port that its log names. */
  port(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, once it ended. */
  readonly exit: Promise<number | null>;
}

/** Run the fixture service. Without `REDIS_URL` in `env` it looks for Redis where none is. */
export function runFixture(env: Record<string, string> = {}): FixtureProcess {
  const child = spawn(process.execPath, [FIXTURE], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      BIND_ADDRESS: '127.0.0.1',
      REDIS_URL: 'redis://127.0.0.1:1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    lines,
    async port() {
      const listening = await waitFor(
        () => lines().find(({ msg }) => msg === 'listening'),
        'the fixture listens',
      );
      return Number(listening['port']);
    },
    kill: (signal) => void child.kill(signal),
    exit: once(child, 'close').then(([code]) => code as number | null),
  };
}
