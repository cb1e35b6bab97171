import type { ServerResponse } from 'node:http';
import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { json, useMeteredServer } from './support/metered-server.js';
import { iceProvider, type ProviderUnderTest } from './support/provider.js';

const TIMEOUT_MS = 300;
/** Half of 2 s, less the time that the answer itself takes. */
const HALF_MS = 950;
const STUN = { urls: 'stun:stun.example:3478' };
const OWN_TURN = { TURN_URLS: 'turn:turn.example:3478', TURN_SECRET: 'shared' };

const metered = useMeteredServer();

function provider(env: NodeJS.ProcessEnv = {}): ProviderUnderTest {
  return iceProvider({
    STUN_URLS: STUN.urls,
    METERED_DOMAIN: metered.origin,
    METERED_API_KEY: metered.secretKey,
    ICE_TIMEOUT_MS: String(TIMEOUT_MS),
    ...env,
  });
}

describe('Metered', () => {
  it('gives STUN first and then the servers of a credential that was created to expire', async () => {
    const before = Date.now();
    const { iceServers, expiresAt } = await provider({ TURN_EXPIRY_SECONDS: '600' }).answer();
    const [apiKey = ''] = metered.apiKeys;
    expect(metered.askedExpiries).toEqual([600]);
    expect(iceServers[0]).toEqual(STUN);
    expect(iceServers).toContainEqual({
      urls: 'turns:relay.example:443?transport=tcp',
      username: `user-${apiKey}`,
      credential: `password-${apiKey}`,
    });
    expect(expiresAt).toBeGreaterThanOrEqual(before + 600_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  it('creates one credential for all who ask at once and soon after', async () => {
    const ice = provider();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ice.iceServers()));
    answers.push(await ice.iceServers());
    expect(new Set(answers.map((servers) => JSON.stringify(servers))).size).toBe(1);
    expect(metered.apiKeys).toHaveLength(1);
  });

  it('believes Metered when it grants less time, and renews in time', async () => {
    metered.grantSeconds = 2;
    const ice = provider();
    const leftMs = await remainingUntil(ice, () => metered.apiKeys.length >= 4);
    expect(Math.min(...leftMs)).toBeGreaterThanOrEqual(HALF_MS);
  });

  it('hands out no credential in the second half of its time, even when there is no new one', async () => {
    metered.grantSeconds = 2;
    const ice = provider();
    await ice.iceServers();
    metered.onCreate = json(500, {});
    const leftMs = await remainingUntil(ice, (left) => left === undefined);
    expect(Math.min(...leftMs)).toBeGreaterThanOrEqual(HALF_MS);
  });

  it('lets nobody wait for a renewal while the credential is still good', async () => {
    metered.grantSeconds = 2;
    const ice = provider();
    const answers = [await ice.iceServers()];
    let held: ServerResponse | undefined;
    metered.onCreate = (response) => (held = response);
    const renewal = await waitFor(async () => {
      answers.push(await ice.iceServers());
      return held;
    }, 'a renewal begins');
    answers.push(await ice.iceServers());
    json(500, {})(renewal);
    expect(new Set(answers.map((servers) => JSON.stringify(servers))).size).toBe(1);
  });
});

/** Ask again and again until something holds; the time that was left of each credential, in milliseconds. */
async function remainingUntil(
  ice: ProviderUnderTest,
  holds: (leftMs: number | undefined) => boolean,
): Promise<number[]> {
  const leftMs: number[] = [];
  await waitFor(async () => {
    const { expiresAt } = await ice.answer();
    const left = expiresAt === undefined ? undefined : expiresAt - Date.now();
    if (left !== undefined) leftMs.push(left);
    return holds(left);
  }, 'the answers change as expected');
  return leftMs;
}

const failures: [what: string, outcome: string, misbehave: () => void][] = [
  ['refuses the key', 'refused', () => (metered.onCreate = json(401, { message: 'Invalid secret key' }))],
  ['has an internal error', 'refused', () => (metered.onCreate = json(500, { message: 'sorry' }))],
  ['refuses the second step', 'refused', () => (metered.onFetch = json(401, { error: 'Invalid API Key' }))],
  ['redirects', 'refused', () => (metered.onCreate = (r) => r.writeHead(302, { Location: '/x' }).end())],
  ['answers with a web page', 'invalid', () => (metered.onCreate = (r) => r.end('<html>hello</html>'))],
  ['answers nothing', 'invalid', () => (metered.onFetch = (r) => r.end())],
  ['names no key', 'invalid', () => (metered.onCreate = json(200, { username: 'u', password: 'p' }))],
  ['has no TURN server', 'invalid', () => (metered.onFetch = json(200, [{ urls: 'stun:relay.example' }]))],
  ['has no servers', 'invalid', () => (metered.onFetch = json(200, []))],
  [
    'leaves the password out',
    'invalid',
    () => (metered.onFetch = json(200, [{ urls: 'turn:r', username: 'u' }])),
  ],
  [
    'names a server by another scheme',
    'invalid',
    () => (metered.onFetch = json(200, [{ urls: 'http://r' }])),
  ],
  ['never stops answering', 'invalid', () => (metered.onFetch = pour)],
  ['breaks off in its answer', 'unreachable', () => (metered.onFetch = breakOff)],
  ['hangs up', 'unreachable', () => (metered.onCreate = (response) => response.destroy())],
  ['is silent', 'timeout', () => (metered.onCreate = () => {})],
  ['stalls in its answer', 'timeout', () => (metered.onFetch = stall)],
];

function pour(response: ServerResponse): void {
  const more = () => {
    while (response.write(' '.repeat(65_536)));
  };
  response.on('drain', more);
  more();
}

function stall(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.write('[{"urls":"turn:relay.example:80",');
}

function breakOff(response: ServerResponse): void {
  stall(response);
  setImmediate(() => response.destroy());
}

describe('when Metered', () => {
  it.each(failures)(
    '%s, the next provider is used, in time, and counted',
    async (_what, outcome, misbehave) => {
      misbehave();
      const ice = provider(OWN_TURN);
      const startedAtMs = performance.now();
      const servers = await ice.iceServers('alice');
      expect(performance.now() - startedAtMs).toBeLessThan(TIMEOUT_MS * 5);
      expect(servers).toMatchObject([STUN, { urls: OWN_TURN.TURN_URLS }]);
      const counted = await ice.metricsText();
      const labels = `{provider="metered",outcome="${outcome}"}`;
      expect(counted).toContain(`cloudgaming_ice_provider_asks_total${labels} 1`);
      expect(counted).toContain(`cloudgaming_ice_provider_request_duration_seconds_count${labels} 1`);
      expect(counted).toContain(
        'cloudgaming_ice_provider_asks_total{provider="coturn",outcome="answered"} 1',
      );
    },
  );

  it.each(failures)('%s, neither key is in the log', async (_what, outcome, misbehave) => {
    misbehave();
    const ice = provider();
    await ice.iceServers();
    const log = ice.log.join('');
    expect(log).toContain(outcome);
    for (const key of [metered.secretKey, 'key-', 'password-', metered.origin])
      expect(log).not.toContain(key);
  });

  it('fails, it is left alone for a while instead of costing every match its timeout', async () => {
    metered.onCreate = () => {};
    const ice = provider();
    await ice.iceServers();
    const startedAtMs = performance.now();
    for (let asked = 0; asked < 20; asked++) expect(await ice.iceServers()).toEqual([STUN]);
    expect(performance.now() - startedAtMs).toBeLessThan(TIMEOUT_MS / 2);
    expect(metered.askedExpiries).toHaveLength(1);
    expect(await ice.metricsText()).toContain('cloudgaming_ice_stun_only_total 21');
  });

  it('is not there at all, the answer is STUN alone', async () => {
    const ice = provider({ METERED_DOMAIN: 'http://127.0.0.1:1' });
    expect(await ice.answer()).toEqual({ iceServers: [STUN] });
  });
});
