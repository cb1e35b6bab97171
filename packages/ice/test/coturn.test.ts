import { randomBytes } from 'node:crypto';
import { findCoturn, uniqueId, waitFor, type Coturn } from '@parley/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintTurnCredential, type TurnCredential } from '../src/index.js';
import { iceProvider } from './support/provider.js';

const coturn = await findCoturn();
const why = coturn.ok ? '' : ` (skipped: coturn cannot be had here: ${coturn.reason})`;

const nowSeconds = () => Math.floor(Date.now() / 1000);

describe.skipIf(!coturn.ok)(`a real coturn that shares the secret${why}`, () => {
  const secret = randomBytes(16).toString('hex');
  let server: Coturn;
  beforeAll(async () => {
    if (coturn.ok) server = await coturn.start(secret);
  });
  afterAll(() => server?.stop());

  async function credentialFor(user?: string): Promise<TurnCredential & { expiresAtSeconds: number }> {
    const ice = iceProvider({ TURN_URLS: server.url, TURN_SECRET: secret, TURN_EXPIRY_SECONDS: '600' });
    const { iceServers, expiresAt } = await ice.answer(user);
    const { urls, username = '', credential = '' } = iceServers.at(-1) ?? { urls: '' };
    expect(urls).toBe(server.url);
    return { username, credential, expiresAtSeconds: Number(expiresAt) / 1000 };
  }

  it.concurrent('relays for whom we gave a credential, until the time that we said', async () => {
    const before = nowSeconds();
    const { username, credential, expiresAtSeconds } = await credentialFor('alice');
    expect(await server.accepts({ username, credential })).toBe(true);
    expect(username).toBe(`${expiresAtSeconds}:alice`);
    expect(expiresAtSeconds).toBeGreaterThanOrEqual(before + 600);
  });

  it.concurrent('relays for users with any name, and for clients without one', async () => {
    const { username, credential } = await credentialFor(`zoë 12:34 ${'x'.repeat(600)}`);
    expect(await server.accepts({ username, credential })).toBe(true);
    const nameless = await credentialFor();
    expect(await server.accepts(nameless)).toBe(true);
  });

  it.concurrent('refuses a credential that has expired', async () => {
    expect(await server.accepts(mintTurnCredential(secret, nowSeconds() - 1, 'bob'))).toBe(false);
  });

  it.concurrent('refuses from its time on a credential that it accepted before', async () => {
    const expiresAtSeconds = nowSeconds() + 2;
    const credential = mintTurnCredential(secret, expiresAtSeconds, uniqueId('bob'));
    expect(await server.accepts(credential)).toBe(true);
    await waitFor(() => nowSeconds() > expiresAtSeconds, 'the credential expires');
    expect(await server.accepts(credential)).toBe(false);
  });

  it.concurrent('refuses a credential whose time, user or signature was tampered with', async () => {
    const { username, credential } = mintTurnCredential(secret, nowSeconds() + 600, 'carol');
    const longer = username.replace(/^\d+/, String(nowSeconds() + 6_000));
    const forged = mintTurnCredential('another secret', nowSeconds() + 600, 'carol');
    expect(await server.accepts({ username: longer, credential })).toBe(false);
    expect(await server.accepts({ username: username.replace('carol', 'dave'), credential })).toBe(false);
    expect(await server.accepts(forged)).toBe(false);
  });
});

it('names each nameless client differently, since coturn counts quotas by user', async () => {
  const ice = iceProvider({ TURN_URLS: 'turn:turn.example', TURN_SECRET: 'shared' });
  const [, first] = await ice.iceServers();
  const [, second] = await ice.iceServers();
  expect(first?.username).not.toBe(second?.username);
});
