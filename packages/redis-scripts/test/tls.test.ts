import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, findFreePort, startRedis, waitFor, type RunningRedis } from '@parley/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useConnections } from './support.js';

const connect = useConnections();
const authority = createAuthority();
const running: RunningRedis[] = [];
let folder = '';
let master = 0;
let sentinel = 0;
/** Why there is nothing to test: a Redis may be built without TLS. */
let unable: string | undefined;

/** A server that speaks TLS on the port that this answers, with a certificate of the authority. */
async function startTls(...args: string[]): Promise<number> {
  const port = await findFreePort();
  const { cert, key } = authority.issue();
  const file = async (name: string, text: string) => {
    const path = join(folder, `${port}-${name}`);
    await writeFile(path, text);
    return path;
  };
  const files = [
    '--tls-cert-file',
    await file('cert.pem', cert),
    '--tls-key-file',
    await file('key.pem', key),
  ];
  const trust = ['--tls-ca-cert-file', await file('ca.pem', authority.ca), '--tls-auth-clients', 'no'];
  const tls = ['--tls-port', String(port), '--tls-replication', 'yes', ...files, ...trust];
  running.push(await startRedis({ ignoreUrl: true, args: [...args, ...tls] }));
  return port;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tls-'));
  try {
    master = await startTls();
  } catch (error) {
    if (!/tls-port|TLS/.test(String(error))) throw error;
    unable = 'this Redis is built without TLS';
    return;
  }
  sentinel = await startTls('--sentinel');
  const admin = new Redis(running[1]?.url ?? '');
  await admin.call('SENTINEL', 'MONITOR', 'mymaster', '127.0.0.1', master, 1);
  await waitFor(async () => {
    const fields = (await admin.call('SENTINEL', 'MASTER', 'mymaster')) as string[] | Record<string, string>;
    const flags = Array.isArray(fields) ? fields[fields.indexOf('flags') + 1] : fields['flags'];
    return flags === 'master';
  }, 'the Sentinel sees the master');
  admin.disconnect();
});
afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

const url = () => `rediss://127.0.0.1:${master}`;
const viaSentinel = () => ({ REDIS_URL: 'rediss://ignored', REDIS_SENTINELS: `127.0.0.1:${sentinel}` });

/** What a service sees of a Redis: whether it can use it, and if not, why. */
async function use(env: Record<string, string>) {
  const problems: string[] = [];
  const connection = await connect(env, { onProblem: ({ message }) => problems.push(message) });
  return { isUp: connection.isUp && (await connection.ping()), problems: problems.join('\n') };
}

describe('a Redis that speaks TLS', () => {
  it('is used where REDIS_CA names who has signed its certificate', async ({ skip }) => {
    if (unable) return skip(unable);
    expect(await use({ REDIS_URL: url(), REDIS_CA: authority.ca })).toEqual({ isUp: true, problems: '' });
    const inOneLine = authority.ca.trim().replaceAll('\n', String.raw`\n`);
    expect(await use({ REDIS_URL: url(), REDIS_CA: inOneLine })).toEqual({ isUp: true, problems: '' });
  });

  it('is not used where nobody that is known has, and the log says so', async ({ skip }) => {
    if (unable) return skip(unable);
    const strangers = [{}, { REDIS_CA: createAuthority().ca }].map((env) =>
      use({ REDIS_URL: url(), ...env }),
    );
    for (const { isUp, problems } of await Promise.all(strangers)) {
      expect(isUp).toBe(false);
      expect(problems).toMatch(/certificate/);
    }
  });

  it('is found through a Sentinel that speaks TLS, and spoken to in TLS as well', async ({ skip }) => {
    if (unable) return skip(unable);
    expect(await use({ ...viaSentinel(), REDIS_CA: authority.ca })).toEqual({ isUp: true, problems: '' });
    expect((await use(viaSentinel())).isUp).toBe(false);
  });
});
