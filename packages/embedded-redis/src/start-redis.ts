import { RedisStartError } from './errors.js';
import { type FindOptions, findRedisServer } from './find-server.js';
import { findFreePort } from './free-port.js';
import type { BinarySource, RedisBinary } from './redis-binary.js';
import { launchServer, type ServerProcess } from './server-process.js';

const PORTS_TO_TRY = 5;

export interface StartOptions extends FindOptions {
  /** Further arguments of redis-server, for example `['--cluster-enabled', 'yes']` or `['--sentinel']`. */
  readonly args?: readonly string[];
  /** The port to listen on; by default a free one is picked. */
  readonly port?: number;
  /** Start a server of one's own even where `REDIS_URL` is set. */
  readonly ignoreUrl?: boolean;
}

/** A Redis that answers: one that this process started, or the one that `REDIS_URL` names. */
export interface RunningRedis {
  readonly url: string;
  readonly source: 'REDIS_URL' | BinarySource;
  /** Of the server that was started, for example `7.0.15`; absent for `REDIS_URL`. */
  readonly version?: string;
  /** Of the server that was started; absent for `REDIS_URL`. */
  readonly pid?: number;
  /** Ends the server that was started and resolves when it is gone, within a few seconds. Idempotent. */
  readonly stop: () => Promise<void>;
}

/**
 * Gives a Redis that answers, without asking for one to be set up: the one that `REDIS_URL` names, else a server that
 * is found or fetched (see `findRedisServer`) and started as a child of this process.
 *
 * The child listens on 127.0.0.1 only and keeps nothing on disk but a temporary working folder that goes with it. It
 * ends with `stop()` or with this process, also when that is killed; it does not keep the event loop alive.
 *
 * @throws RedisUnavailableError when there is no server to be had.
 * @throws RedisStartError when the server does not come up; `port` taken is one such reason.
 */
export async function startRedis(options: StartOptions = {}): Promise<RunningRedis> {
  const { env = process.env, onProgress = () => {}, ignoreUrl = false } = options;
  if (env.REDIS_URL && !ignoreUrl) {
    onProgress('using the Redis that REDIS_URL names');
    return { url: env.REDIS_URL, source: 'REDIS_URL', stop: () => Promise.resolve() };
  }
  const binary = await findRedisServer(options);
  const server = await launchOnSomePort(binary, options);
  const url = `redis://127.0.0.1:${server.port}`;
  onProgress(`Redis ${binary.version} answers on ${url}`);
  return { url, source: binary.source, version: binary.version, pid: server.pid, stop: server.stop };
}

async function launchOnSomePort(binary: RedisBinary, options: StartOptions): Promise<ServerProcess> {
  const { args = [], env = process.env, port: fixedPort } = options;
  const tries = fixedPort === undefined ? PORTS_TO_TRY : 1;
  let port = 0;
  let output = '';
  for (let tried = 0; tried < tries; tried++) {
    port = fixedPort ?? (await findFreePort());
    const result = await launchServer(binary, { port, args, env });
    if (result.ok) return result.server;
    output = result.output;
  }
  throw new RedisStartError(`port ${port} is taken by another program`, output);
}
