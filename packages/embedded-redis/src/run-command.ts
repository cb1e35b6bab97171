import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

export type RunResult = { ok: true; stdout: string } | { ok: false; reason: string };

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const REASON_LINES = 6;

/** Runs a program to its end, or kills it after `timeoutMs`. A failure is a value whose reason quotes what it printed. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const { env, timeoutMs, cwd } = options;
  const settings = {
    env,
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(cwd === undefined ? {} : { cwd }),
  };
  return new Promise((resolve) => {
    const child = execFile(command, [...args], settings, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout });
      const what = error.killed === true ? `still running after ${timeoutMs / 1000} s` : howItEnded(error);
      resolve({ ok: false, reason: [what, lastLines(stderr || stdout)].filter(Boolean).join(': ') });
    });
    // A program that asks a question must not wait for an answer that never comes.
    child.stdin?.end();
  });
}

function howItEnded(error: { code?: string | number | null; signal?: NodeJS.Signals | null }): string {
  if (typeof error.code === 'number') return `exit code ${error.code}`;
  return error.signal ? `ended by ${error.signal}` : `cannot be run (${error.code})`;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-REASON_LINES).join('\n');
}
