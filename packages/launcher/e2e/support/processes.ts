import { execFileSync } from 'node:child_process';

/** The ids of a process and of all that descend from it. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [, id, parent] of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).matchAll(
    /^\s*(\d+)\s+(\d+)/gm,
  )) {
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(id)]);
  }
  const below = (id: number): number[] => [id, ...(children.get(id) ?? []).flatMap(below)];
  return below(pid);
}

/** Those of the processes that still run; a zombie has ended. */
export function stillRunning(pids: readonly number[]): string[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,stat=,args='], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => {
    const [, pid, state] = /^\s*(\d+)\s+(\S+)/.exec(line) ?? [];
    return pids.includes(Number(pid)) && !state?.startsWith('Z');
  });
}
