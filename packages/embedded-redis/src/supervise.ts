import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { killNow } from './process-id.js';
import { type SupervisedCommand, type SupervisorReport, STOP_GRACE_MS } from './supervisor-protocol.js';
import { TextTail } from './text-tail.js';

// Always the built file: the tests run these sources, but only Node runs the supervisor.
const SUPERVISOR = fileURLToPath(new URL('../dist/supervisor.js', import.meta.url));
const SUPERVISOR_ENDS_MS = STOP_GRACE_MS + 3_000;

/** How the server ended, and the tail of what it printed. */
export interface Exit {
  readonly reason: string;
  readonly output: string;
}

interface Server {
  readonly pid: number;
  readonly workFolder: string;
}

export interface Supervised {
  /** The server's process id; undefined when it could not be run at all. */
  readonly pid: Promise<number | undefined>;
  /** Resolves when both the server and its supervisor are gone. */
  readonly exited: Promise<Exit>;
  /** From now on neither the server nor its supervisor keeps the event loop alive. */
  readonly release: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * Runs a server under a supervisor process that stops it as soon as this process is gone, however it went. The
 * supervisor leads a session of its own, so a Ctrl-C in the terminal reaches neither.
 */
export function supervise(command: SupervisedCommand, env: NodeJS.ProcessEnv): Supervised {
  const child = fork(SUPERVISOR, [JSON.stringify(command)], {
    detached: true,
    // Preloads and inspector ports of the parent are not the supervisor's.
    execArgv: [],
    env: { ...env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let server: Server | undefined;
  const exited = watchExit(child);
  const started = new Promise<number>((resolve) => {
    child.on('message', (message: SupervisorReport) => {
      if (message.type !== 'started') return;
      server = message;
      resolve(message.pid);
    });
  });
  let stopping: Promise<void> | undefined;
  return {
    pid: Promise.race([started, exited.then(() => undefined)]),
    exited,
    release: () => keepAlive(child, 'unref'),
    stop: () => (stopping ??= stop(child, exited, () => server)),
  };
}

async function watchExit(child: ChildProcess): Promise<Exit> {
  const complaints = new TextTail();
  let exit: Exit | undefined;
  child.stderr?.on('data', (chunk: Buffer) => complaints.add(chunk));
  child.on('message', (message: SupervisorReport) => {
    if (message.type === 'exited') exit = message;
  });
  const failed = new Promise<string>((resolve) => child.on('error', (error) => resolve(error.message)));
  // The last message may arrive after the exit is known, but never after the channel is closed.
  const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(
    ([[code, signal]]) => `its supervisor ended unexpectedly (${String(signal ?? code)})`,
    (error: unknown) => String(error),
  );
  const reason = await Promise.race([gone, failed]);
  return exit ?? { reason, output: complaints.text };
}

async function stop(
  child: ChildProcess,
  exited: Promise<Exit>,
  server: () => Server | undefined,
): Promise<void> {
  keepAlive(child, 'ref');
  if (child.connected) child.send('stop', () => {});
  const tooLong = setTimeout(() => {
    const pid = server()?.pid;
    if (pid !== undefined) killNow(pid);
    child.kill('SIGKILL');
  }, SUPERVISOR_ENDS_MS);
  await exited;
  clearTimeout(tooLong);
  // The supervisor's task, unless it was killed.
  const workFolder = server()?.workFolder;
  if (workFolder !== undefined) await rm(workFolder, { recursive: true, force: true });
}

function keepAlive(child: ChildProcess, how: 'ref' | 'unref'): void {
  child[how]();
  child.channel?.[how]();
  (child.stderr as Socket | null)?.[how]();
}
