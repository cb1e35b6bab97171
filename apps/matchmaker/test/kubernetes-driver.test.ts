import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, matchmakerSettings, type RegionPlan } from '@parley/config';
import { Circuit } from '@parley/redis-scripts';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Order, Reading } from '../src/provision/driver.js';
import { createKubernetes } from '../src/provision/kubernetes.js';
import { createAsk } from '../src/provision/request.js';
import { FakeKubernetes } from './support-kubernetes.js';
import type { Identity } from './support-platform.js';

const FLEET = '/apis/agones.dev/v1/namespaces/games/fleets/eu/scale';
const DEPLOYMENT = '/apis/apps/v1/namespaces/games/deployments/eu/scale';
const TIMEOUT_MS = 300;
const { signal } = new AbortController();

const folders: string[] = [];
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'parley-account-'));
  folders.push(made);
  return made;
}

/** A certificate for 127.0.0.1 that only itself vouches for; undefined where there is no openssl. */
function identity(): Identity | undefined {
  const [key, cert] = [join(folder(), 'key.pem'), join(folder(), 'cert.pem')];
  const what = ['-nodes', '-subj', '/CN=kubernetes', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  try {
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...what];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

async function setUp({
  kind = 'fleets',
  tls,
  ca,
}: { kind?: 'fleets' | 'deployments'; tls?: Identity; ca?: string } = {}) {
  const server = await new FakeKubernetes().start(tls);
  server.tokens.add('first');
  for (const path of [FLEET, DEPLOYMENT]) server.set(path, 3);
  const [tokenFile, caFile] = [join(folder(), 'token'), join(folder(), 'ca.crt')];
  writeFileSync(tokenFile, 'first\n');
  writeFileSync(caFile, ca ?? tls?.cert ?? '');
  const config = loadConfig(matchmakerSettings, {
    PROVISIONER_KUBERNETES_URL: server.url,
    PROVISIONER_KUBERNETES_TOKEN_FILE: tokenFile,
    PROVISIONER_KUBERNETES_CA_FILE: caFile,
    PROVISIONER_TIMEOUT_MS: String(TIMEOUT_MS),
  });
  const driver = createKubernetes(config, createAsk(new Circuit({ errorThreshold: 3, openMs: 60_000 })));
  onTestFinished(() => driver.close());
  const target = { kind, namespace: 'games', name: 'eu' } as const;
  const plan: RegionPlan = { target, slotsPerHost: 1, buffer: 1, min: 0, max: 9 };
  const read = () => driver.read({ region: 'eu', plan, hosts: 3, watchedMs: 0 }, signal);
  const write = (desired: number, reading: Reading) => {
    const order: Order = {
      region: 'eu',
      desired,
      current: 3,
      hosts: 3,
      used: 0,
      free: 3,
      reason: 'more-needed',
      term: '1',
      number: 1,
    };
    return driver.write(order, { plan, reading }, signal);
  };
  return { server, read, write, tokenFile, caFile };
}

async function success(read: () => Promise<{ outcome: string }>): Promise<Reading> {
  const found = await read();
  expect(found.outcome).toBe('read');
  return found as Reading;
}

describe('the Kubernetes driver', () => {
  it.each([
    ['fleets', FLEET],
    ['deployments', DEPLOYMENT],
  ] as const)('reads and sets the replicas of %s, of none too', async (kind, path) => {
    const { server, read, write } = await setUp({ kind });
    expect((await success(read)).current).toBe(3);
    expect(await write(5, await success(read))).toEqual({ outcome: 'written' });
    expect(server.replicas(path)).toBe(5);
    expect(await write(0, await success(read))).toEqual({ outcome: 'written' });
    expect((await success(read)).current).toBe(0);
    expect(server.writes.map(({ replicas }) => replicas)).toEqual([5, 0]);
  });

  it('never overwrites what somebody else wrote since it read', async () => {
    const { server, read, write } = await setUp();
    const before = await success(read);
    server.set(FLEET, 7);
    expect(await write(4, before)).toMatchObject({ outcome: 'failed', kind: 'conflict', retry: true });
    expect(server.replicas(FLEET)).toBe(7);
    expect(await write(4, await success(read))).toEqual({ outcome: 'written' });
  });

  it('takes the new token when it was replaced, also in the very moment of a request', async () => {
    const { server, read, tokenFile } = await setUp();
    await success(read);
    const rotate = () => {
      server.tokens.clear();
      server.tokens.add('second');
      writeFileSync(tokenFile, 'second\n');
    };
    server.before = (_, token) => {
      if (token === 'first') rotate();
    };
    expect((await success(read)).current).toBe(3);
    server.tokens.clear();
    expect(await read()).toMatchObject({ kind: 'unauthorized', retry: false });
  });

  it('says what is wrong in the words of the API server, and without the token', async () => {
    const { server, read } = await setUp();
    const message =
      'fleets.agones.dev "eu" is forbidden: User "system:serviceaccount:parley:matchmaker" cannot get';
    server.next.push({ status: 403, body: JSON.stringify({ kind: 'Status', message }) });
    expect(await read()).toEqual({
      outcome: 'failed',
      kind: 'unauthorized',
      detail: `status 403: ${message}`,
      retry: false,
    });
    server.next.push({ status: 404, body: '404 page not found' });
    expect(await read()).toMatchObject({
      kind: 'not-found',
      detail: 'status 404: without a reason',
      retry: false,
    });
    expect(JSON.stringify(await read())).not.toContain('first');
  });

  it('names the file that it cannot read', async () => {
    const { read, tokenFile } = await setUp();
    rmSync(tokenFile);
    expect(await read()).toMatchObject({ kind: 'unauthorized', detail: expect.stringContaining(tokenFile) });
  });

  it.each([
    ['a page', '<html>'],
    ['another object', '{"kind":"Deployment","metadata":{"resourceVersion":"1"}}'],
    ['a Scale without a version', '{"kind":"Scale","metadata":{}}'],
    ['a Scale without a spec', '{"kind":"Scale","metadata":{"resourceVersion":"1"},"status":{"replicas":9}}'],
    ['a negative number', '{"kind":"Scale","metadata":{"resourceVersion":"1"},"spec":{"replicas":-1}}'],
    ['more than anybody reads', 'x'.repeat(100_000)],
  ])('believes no answer that is %s', async (_, body) => {
    const { server, read } = await setUp();
    server.next.push({ status: 200, body });
    expect((await read()).outcome).toBe('failed');
  });

  it('waits no longer than it may, and leaves a server alone that fails again and again', async () => {
    const { server, read } = await setUp();
    let asked = 0;
    server.before = () => {
      asked += 1;
      return new Promise(() => undefined);
    };
    const from = performance.now();
    expect(await read()).toMatchObject({ kind: 'timeout', retry: true });
    expect(performance.now() - from).toBeLessThan(TIMEOUT_MS * 3);
    server.before = () => void (asked += 1);
    server.next.push({ status: 500 }, { status: 503 });
    expect(await read()).toMatchObject({ kind: 'unavailable', retry: true });
    expect(await read()).toMatchObject({ kind: 'unavailable', retry: true });
    expect(await read()).toMatchObject({ kind: 'unavailable', retry: false });
    expect(asked).toBe(3);
  });

  const tls = identity();
  it.skipIf(!tls)('trusts the authority of its file alone, and a new one when that is replaced', async () => {
    const { read, caFile } = await setUp({ ...(tls && { tls }), ca: identity()?.cert ?? '' });
    expect(await read()).toMatchObject({ outcome: 'failed', kind: 'unreachable' });
    writeFileSync(caFile, tls?.cert ?? '');
    expect((await success(read)).current).toBe(3);
  });
});
