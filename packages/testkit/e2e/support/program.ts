import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { waitFor } from '../../src/wait-for.js';
import { target } from './target.js';

export type ProgramName = 'streaming-host' | 'streaming-client' | 'game-server';

/** A JSON line that a program printed. */
export interface ProgramEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** One of the example programs, which know nothing of Parley but its wire, as its own process. */
export interface Program {
  readonly events: readonly ProgramEvent[];
  /** The first event of that name; fails as soon as the program reports an error or ends without it. */
  until(event: string): Promise<ProgramEvent>;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  /** Ends it as an operator would, and waits. */
  stop(): Promise<void>;
}

const UNTIL_MS = 30_000;

/** Runs a program against the target; it is stopped at the end of the test. */
export function startProgram(name: ProgramName, env: Record<string, string>): Program {
  const main = fileURLToPath(new URL(`../../../../examples/dist/${name}.js`, import.meta.url));
  const { matchmakerUrl, hostSecret } = target;
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], MATCHMAKER_URL: matchmakerUrl, HOST_SECRET: hostSecret, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: ProgramEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) =>
    events.push(JSON.parse(line) as ProgramEvent),
  );
  const exited = once(child, 'close').then(([code]) => code as number | null);
  let ended = false;
  void exited.then(() => (ended = true));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  onTestFinished(stop);
  return {
    events,
    exited,
    stop,
    async until(event) {
      const found = () => events.find((each) => each.event === event);
      const seen = await waitFor(
        () => found() ?? (ended ? 'ended' : undefined),
        `${name} says "${event}"`,
        UNTIL_MS,
      );
      if (seen !== 'ended') return seen;
      throw new Error(`${name} ended without saying "${event}": ${JSON.stringify(events)}`);
    },
  };
}
