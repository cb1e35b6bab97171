import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const TRY_TIMEOUT_MS = 500;
const BETWEEN_TRIES_MS = 15;

export interface PingTarget {
  readonly port: number;
  /** The server's process id: an answer from another Redis that holds the port does not count. */
  readonly pid: number;
}

/** Asks until the server answers PING. Resolves to false when `timeoutMs` passed, or once `signal` aborts. */
export async function waitForPing(
  target: PingTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && !signal.aborted) {
    if (await ping(target)) return true;
    await delay(BETWEEN_TRIES_MS);
  }
  return false;
}

/** One PING over a fresh loopback connection, bounded in time. */
function ping({ port, pid }: PingTarget): Promise<boolean> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(TRY_TIMEOUT_MS, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('connect', () => socket.write('PING\r\nINFO server\r\n'));
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1');
      const answered = readReply(reply, pid);
      if (answered !== undefined) finish(answered);
    });
  });
}

/** True: this server is ready. False: not, or another server. Undefined: the reply is not complete yet. */
function readReply(reply: string, pid: number): boolean | undefined {
  // With a password set (`requirepass`) it tells nobody its process id, but it serves.
  if (reply.startsWith('-NOAUTH')) return true;
  if (reply.startsWith('-')) return false;
  const found = /process_id:(\d+)\r/.exec(reply)?.[1];
  return found === undefined ? undefined : Number(found) === pid;
}
