import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bootstrap } from '../bootstrap.js';
import type { Part } from './plan.js';

/** A part of the stack that runs. */
export interface PartProcess {
  readonly part: Part;
  readonly logFile: string;
  /** Its last log lines, oldest first. */
  readonly lastLines: readonly string[];
  /** Resolves when it has printed a `ready` line. */
  readonly saidReady: Promise<void>;
  /** Resolves with its exit code when it is gone and its output was read. */
  readonly exited: Promise<number | null>;
  /** Asks it to end; it is killed if it does not within {@link GRACE_MS}. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** Longer than a service's drain deadline here. */
const GRACE_MS = 4_000;
const DRAIN_TIMEOUT_MS = '3000';
const KEPT_LINES = 8;

/** Where the logs of `npm start` are, from the root of the checkout. */
export const LOG_FOLDER = join('.cache', 'logs');

/** Runs a part with its output in a log file of its own, and on the screen too if `verbose`. */
export function startPart(part: Part, bootstrap: Bootstrap, verbose: boolean): PartProcess {
  const { root, progress, spawnLeashed } = bootstrap;
  const logFile = join(LOG_FOLDER, `${part.name}.log`);
  mkdirSync(join(root, LOG_FOLDER), { recursive: true });
  const log = createWriteStream(join(root, logFile));
  const child = spawnLeashed(process.execPath, [join(root, part.main)], {
    cwd: root,
    env: { DRAIN_TIMEOUT_MS, ...part.env },
    graceMs: GRACE_MS,
  });
  const lastLines: string[] = [];
  let ready = (): void => {};
  const saidReady = new Promise<void>((resolve) => (ready = resolve));
  readLines(child, (line) => {
    log.write(`${line}\n`);
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    if (line.startsWith('{"event":"ready"')) ready();
    if (verbose) progress.line(`[${part.name}] ${line}`);
  });
  const exited = once(child, 'close').then(([code]) => {
    log.end();
    return code as number | null;
  });
  const tell = (message: 'stop' | 'kill'): void => {
    if (child.connected) child.send(message, () => {});
  };
  return {
    part,
    logFile,
    lastLines,
    saidReady,
    exited,
    async stop() {
      tell('stop');
      await exited;
    },
    kill: () => tell('kill'),
  };
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const input of [child.stdout, child.stderr]) {
    if (input) createInterface({ input }).on('line', onLine);
  }
}
