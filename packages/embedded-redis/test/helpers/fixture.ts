import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { resolve as resolvePath } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Runs a program from `test/fixtures` (or an absolute path) with Node; it does not outlive the test. */
export function runFixture(name: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const script = resolvePath(fileURLToPath(new URL('../fixtures', import.meta.url)), name);
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The first line on stdout, as JSON. */
export async function firstJsonLine<T>(child: ChildProcess): Promise<T> {
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, 'close').then(() => {
    throw new Error(`the fixture printed nothing on stdout; on stderr: ${complaints}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => {});
  return JSON.parse(line) as T;
}

/** Resolves once stderr has shown `text`. */
export function sawOnStderr(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    let seen = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
  });
}
