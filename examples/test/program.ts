import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One line of a program's output. */
export type ProgramEvent = { event: string } & Record<string, unknown>;

/** A running example. */
export interface Program {
  readonly process: ChildProcess;
  /** Resolves with the next event of that name that no earlier call has returned. */
  next(event: string): Promise<ProgramEvent>;
  /** Whether such an event has come and was not returned by `next`. */
  has(event: string): boolean;
  /** Sends a signal; resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code when it ends by itself. */
  readonly exited: Promise<number | null>;
}

/** Runs an example as a process of its own, with nothing but `env` and PATH in its environment. */
export function runProgram(name: string, env: Record<string, string>): Program {
  const path = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const seen: ProgramEvent[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(JSON.parse(line) as ProgramEvent);
    for (const check of waiting) check();
  });

  return {
    process: child,
    exited,
    next: (event) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = seen.find((candidate) => candidate.event === event);
          if (!found) return;
          waiting.delete(check);
          seen.splice(seen.indexOf(found), 1);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    has: (event) => seen.some((candidate) => candidate.event === event),
    stop: async (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}
