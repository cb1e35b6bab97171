import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDebianPrograms, findFreePort } from '@parley/embedded-redis';
import { neededInCi } from './needed-in-ci.js';
import { waitFor } from './wait-for.js';

const PROGRAMS = ['usr/bin/turnserver', 'usr/bin/turnutils_uclient'];
const CLIENT_TIMEOUT_MS = 20_000;

/** What a client proves itself with to a TURN server (RFC 8489 §9.2). */
interface TurnCredential {
  readonly username: string;
  readonly credential: string;
}

/** A real coturn on loopback. */
export interface Coturn {
  /** For TURN_URLS. */
  readonly url: string;
  /** Whether it lets a client with this credential allocate relays and send through them. */
  accepts(credential: TurnCredential): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Where coturn is on this machine (fetched without installing it where it has to be), or why it is not.
 * @throws Error in CI, see {@link neededInCi}
 */
export async function findCoturn(): Promise<
  { ok: true; start: (secret: string) => Promise<Coturn> } | { ok: false; reason: string }
> {
  const request = { name: 'coturn', packages: ['coturn'], programs: PROGRAMS };
  const found = neededInCi('coturn', await findDebianPrograms(request));
  if (!found.ok) return found;
  const [turnserver = '', client = ''] = found.paths;
  const env = { ...process.env, ...found.env };
  return { ok: true, start: (secret) => startCoturn({ turnserver, client, env }, secret) };
}

interface Programs {
  readonly turnserver: string;
  readonly client: string;
  readonly env: NodeJS.ProcessEnv;
}

async function startCoturn({ turnserver, client, env }: Programs, secret: string): Promise<Coturn> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-coturn-'));
  const port = await findFreePort();
  const server = spawn(turnserver, serverArguments(folder, port, secret), {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_096)));
  }
  const killAtExit = () => server.kill('SIGKILL');
  process.once('exit', killAtExit);
  const stop = async () => {
    process.off('exit', killAtExit);
    await stopProcess(server);
    await rm(folder, { recursive: true, force: true });
  };
  const ended = once(server, 'exit').then(() => Promise.reject(new Error(`coturn ended: ${output}`)));
  await Promise.race([waitFor(() => listens(port), 'coturn listens'), ended]);
  ended.catch(() => {});
  return {
    url: `turn:127.0.0.1:${port}`,
    stop,
    accepts: (credential) => relays(client, env, port, credential),
  };
}

/** Everything on loopback and in one folder; nothing of the system's configuration is read. */
function serverArguments(folder: string, port: number, secret: string): string[] {
  const settings = {
    'static-auth-secret': secret,
    realm: 'parley.test',
    'listening-ip': '127.0.0.1',
    'listening-port': port,
    'relay-ip': '127.0.0.1',
    'log-file': 'stdout',
    userdb: join(folder, 'turn.db'),
    pidfile: join(folder, 'turn.pid'),
  };
  const flags = ['-n', '--use-auth-secret', '--allow-loopback-peers', '--no-tls', '--no-dtls', '--no-cli'];
  return [...flags, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
}

/** coturn's own client: two allocations that send to each other. It exits with 0 only when that worked. */
function relays(
  client: string,
  env: NodeJS.ProcessEnv,
  port: number,
  { username, credential }: TurnCredential,
): Promise<boolean> {
  const who = ['-u', username, '-w', credential];
  const args = ['-y', '-c', '-n', '1', '-m', '1', ...who, '-p', String(port), '127.0.0.1'];
  return new Promise((resolve, reject) => {
    execFile(client, args, { env, timeout: CLIENT_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error === null) resolve(true);
      // Any other failure is no verdict on the credential.
      else if (/Cannot complete Allocation/.test(stdout)) resolve(false);
      else reject(error);
    });
  });
}

async function stopProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
