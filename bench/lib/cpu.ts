import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Kernel ticks a second in /proc (`sysconf(_SC_CLK_TCK)`): 100 on every Linux that we know. */
const TICKS_PER_SECOND = 100;

/** CPU time in seconds from text such as `01:02:03` or `02:03.45`, as `ps` prints it. */
function secondsOf(text: string): number {
  return text
    .trim()
    .split(':')
    .reduce((seconds, part) => seconds * 60 + Number(part), 0);
}

/**
 * CPU time that a process used so far, user and system, all its threads, in milliseconds. To 10 ms from /proc; where
 * there is none, from `ps`.
 */
export function cpuMs(pid: number): number {
  if (process.platform !== 'linux') {
    return secondsOf(execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' })) * 1_000;
  }
  // The program's name stands in parentheses and may hold spaces: count fields from its end.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

/** CPU time of a group of processes from now on; asking gives milliseconds. */
export function cpuMeter(pids: readonly number[]): () => number {
  const sum = () => pids.reduce((ms, pid) => ms + cpuMs(pid), 0);
  const before = sum();
  return () => sum() - before;
}
