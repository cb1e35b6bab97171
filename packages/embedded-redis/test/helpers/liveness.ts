import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { findOnPath } from '../../src/on-path.js';

/** Whether a process can be told to die with the one that started it: on Linux, with util-linux' setpriv. */
export const hasDeathSignal =
  process.platform === 'linux' && (await findOnPath('setpriv', process.env)) !== undefined;

/** Whether something accepts connections on a loopback port. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const finish = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.on('connect', () => finish(true));
    socket.on('error', () => finish(false));
  });
}

/** Whether a process exists and is more than an entry that nobody collected yet. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !/^State:\s+Z/m.test(statusOf(pid));
}

/** The process that started `pid` (Linux). */
export function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1]);
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
}
