import { setTimeout as delay } from 'node:timers/promises';
import { dieWithParent } from './die-with-parent.js';
import { RedisStartError } from './errors.js';
import { waitForPing } from './ping.js';
import type { RedisBinary } from './redis-binary.js';
import type { SupervisedCommand } from './supervisor-protocol.js';
import { supervise, type Supervised } from './supervise.js';

const READY_TIMEOUT_MS = 15_000;
/** Empty, so that a Sentinel (which refuses to run without one) and CONFIG REWRITE have where to write. */
const CONFIG_FILE = 'redis.conf';

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Ends the server (killed if it does not end by itself within two seconds); resolves when it is gone. Idempotent. */
  readonly stop: () => Promise<void>;
}

export type LaunchResult =
  { ok: true; server: ServerProcess } | { ok: false; reason: 'port-taken'; output: string };

export interface LaunchOptions {
  readonly port: number;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts one server on 127.0.0.1:port and waits until it answers PING.
 * @throws RedisStartError when it ends, or does not answer in time, for another reason than a taken port.
 */
export async function launchServer(binary: RedisBinary, options: LaunchOptions): Promise<LaunchResult> {
  const supervised = supervise(await commandFor(binary, options), options.env);
  const { port } = options;
  const readiness = await becomesReady(supervised, port);
  if (readiness.state === 'ready') {
    supervised.release();
    return { ok: true, server: { pid: readiness.pid, port, stop: supervised.stop } };
  }
  await supervised.stop();
  const { reason, output } = await supervised.exited;
  if (/address already in use/i.test(output)) return { ok: false, reason: 'port-taken', output };
  const tooLate = `did not answer PING on port ${port} within ${READY_TIMEOUT_MS / 1000} s`;
  throw new RedisStartError(`${binary.serverPath} ${readiness.state === 'ended' ? reason : tooLate}`, output);
}

type Readiness = { state: 'ready'; pid: number } | { state: 'ended' } | { state: 'silent' };

async function becomesReady(supervised: Supervised, port: number): Promise<Readiness> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const gone = new AbortController();
  void supervised.exited.then(() => gone.abort());
  const pid = await Promise.race([supervised.pid, delay(READY_TIMEOUT_MS, undefined, { ref: false })]);
  const answers = pid !== undefined && (await waitForPing({ port, pid }, deadline - Date.now(), gone.signal));
  if (answers) return { state: 'ready', pid };
  return { state: gone.signal.aborted ? 'ended' : 'silent' };
}

async function commandFor(
  binary: RedisBinary,
  { port, args, env }: LaunchOptions,
): Promise<SupervisedCommand> {
  const server = [binary.serverPath, CONFIG_FILE, ...serverArguments(port), ...args];
  const check = [binary.serverPath, '--version'];
  const [command = '', ...rest] = [...(await dieWithParent(check, { ...env, ...binary.env })), ...server];
  return { command, args: rest, env: binary.env, files: { [CONFIG_FILE]: '' } };
}

function serverArguments(port: number): string[] {
  const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', daemonize: 'no' };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
