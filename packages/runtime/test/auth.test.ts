import { createServer } from 'node:http';
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import jwt, { type SignOptions } from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { createTokenVerifier, mintRoomToken } from '../src/index.js';

const SECRET = 'a-secret-of-users-tokens';
const configOf = (env: Record<string, string>) =>
  loadConfig(signalingSettings, { ENABLE_AUTH: 'true', ...env });
const good = { rooms: ['a', 'b'] };
const unauthorized = { ok: false, why: 'unauthorized' };
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('tokens with a shared secret', () => {
  const verifier = createTokenVerifier(
    configOf({ JWT_SECRET: SECRET, JWT_ISSUER: 'https://issuer.example.com', JWT_AUDIENCE: 'players' }),
  );
  const usual: SignOptions = { issuer: 'https://issuer.example.com', audience: 'players', expiresIn: 60 };
  const sign = (claims: object, options: SignOptions = {}, secret = SECRET) =>
    jwt.sign(claims, secret, { ...usual, ...options });

  it('are good when signed, current, and for us', async () => {
    const verdict = await verifier.verify(sign(good, { subject: 'user-1' }));
    expect(verdict).toMatchObject({ ok: true, claims: { sub: 'user-1', rooms: ['a', 'b'] } });
  });

  it.each([
    ['no token', undefined],
    ['nonsense', 'nonsense'],
    ['an empty one', ''],
    ['a huge one', 'x'.repeat(100_000)],
    ['three dots', '...'],
    ['one without a signature', `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ ...good, exp: 9e9 })}.`],
    ['one of another secret', jwt.sign(good, 'another', usual)],
    ['an expired one', sign(good, { expiresIn: -1 })],
    ['one that is not good yet', sign(good, { notBefore: 60 })],
    ['one of another issuer', sign(good, { issuer: 'https://other.example.com' })],
    ['one for another audience', sign(good, { audience: 'admins' })],
    ['one of an algorithm that is not allowed', sign(good, { algorithm: 'HS512' })],
  ])('are refused: %s', async (_, token) => {
    expect(await verifier.verify(token)).toEqual(unauthorized);
  });

  it('let in nowhere when the claim is missing or no list', async () => {
    for (const rooms of [undefined, 7, { a: true }, [7, null]]) {
      expect(await verifier.verify(sign({ rooms }))).toMatchObject({ ok: true, claims: { rooms: [] } });
    }
  });

  it('take their rooms from the claim that the settings name, and not from what every object has', async () => {
    const config = configOf({ JWT_SECRET: SECRET, JWT_ROOMS_CLAIM: 'https://example.com/rooms' });
    const token = jwt.sign({ 'https://example.com/rooms': 'only', rooms: ['x'] }, SECRET);
    expect(await createTokenVerifier(config).verify(token)).toMatchObject({ claims: { rooms: ['only'] } });
    const inherited = createTokenVerifier(configOf({ JWT_SECRET: SECRET, ROOMS_CLAIM: '__proto__' }));
    expect(await inherited.verify(jwt.sign(good, SECRET))).toMatchObject({ claims: { rooms: [] } });
  });
});

describe('tokens with public keys', () => {
  const pairs = new Map<string, { publicKey: KeyObject; privateKey: KeyObject }>();
  let requests = 0;
  let isDown = false;
  const server = createServer((_, response) => {
    requests += 1;
    const keys = [...pairs].map(([kid, { publicKey }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
    }));
    if (isDown) response.writeHead(500).end();
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
  });
  const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sign = (kid: string, algorithm: 'RS256' | 'ES256', pair = pairs.get(kid)) =>
    jwt.sign(good, pair?.privateKey as KeyObject, { algorithm, keyid: kid, expiresIn: 60 });
  const verifierOf = (algorithms: string) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    return createTokenVerifier(configOf({ JWT_ALG: algorithms, JWT_JWKS_URL: url }));
  };

  beforeAll(async () => {
    pairs.set('one', rsa());
    pairs.set('curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('are good, and the keys are asked for once', async () => {
    const verifier = verifierOf('RS256,ES256');
    const before = requests;
    for (let i = 0; i < 20; i += 1)
      expect(await verifier.verify(sign('one', 'RS256'))).toMatchObject({ ok: true });
    expect(requests - before).toBe(1);
    expect(await verifier.verify(sign('curve', 'ES256'))).toMatchObject({ ok: true });
  });

  it('may rotate', async () => {
    const verifier = verifierOf('RS256');
    expect(await verifier.verify(sign('one', 'RS256'))).toMatchObject({ ok: true });
    pairs.set('two', rsa());
    expect(await verifier.verify(sign('two', 'RS256'))).toMatchObject({ ok: true });
  });

  it('are refused when a public key was used as a secret', async () => {
    const pem = pairs.get('one')?.publicKey.export({ format: 'pem', type: 'spki' }) as string;
    const unsigned = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'one' })}.${encode({ ...good, exp: 9e9 })}`;
    const forged = `${unsigned}.${createHmac('sha256', pem).update(unsigned).digest('base64url')}`;
    expect(await verifierOf('RS256').verify(forged)).toEqual(unauthorized);
    expect(await verifierOf('RS256,HS256').verify(forged)).toEqual(unauthorized);
  });

  it('are refused when signed with a key of another kind, or one that the issuer does not have', async () => {
    expect(await verifierOf('RS256').verify(sign('curve', 'ES256'))).toEqual(unauthorized);
    expect(await verifierOf('RS256').verify(sign('one', 'RS256', rsa()))).toEqual(unauthorized);
    expect(await verifierOf('RS256').verify(sign('unknown', 'RS256', rsa()))).toEqual(unauthorized);
  });

  it('with made-up key ids do not turn us against the issuer', async () => {
    const verifier = verifierOf('RS256');
    const [before, pair] = [requests, rsa()];
    for (let i = 0; i < 50; i += 1) await verifier.verify(sign(`made-up-${i}`, 'RS256', pair));
    expect(requests - before).toBeLessThanOrEqual(10);
  });

  it('with made-up key ids do not lock out those whose keys are good', async () => {
    const [verifier, pair] = [verifierOf('RS256'), rsa()];
    for (let i = 0; i < 20; i += 1) await verifier.verify(sign(`made-up-${i}`, 'RS256', pair));
    expect(await verifier.verify(sign('one', 'RS256'))).toMatchObject({ ok: true });
  });

  it('are neither good nor bad while the issuer is down', async () => {
    isDown = true;
    expect(await verifierOf('RS256').verify(sign('one', 'RS256'))).toEqual({ ok: false, why: 'unavailable' });
    isDown = false;
  });
});

describe('room tokens', () => {
  const config = configOf({ JWT_SECRET: SECRET, JWT_ISSUER: 'https://issuer.example.com' });
  const verifier = createTokenVerifier(config);

  it('let in to their room, beside users’ tokens', async () => {
    const token = mintRoomToken(config, { rooms: ['r'], sub: 'host-1', role: 'host' }, 60);
    expect(await verifier.verify(token)).toMatchObject({
      ok: true,
      claims: { rooms: ['r'], sub: 'host-1', role: 'host' },
    });
  });

  it('expire', async () => {
    expect(await verifier.verify(mintRoomToken(config, { rooms: ['r'] }, -1))).toEqual(unauthorized);
  });

  it('cannot be made with the secret of users’ tokens, and are no users’ tokens', async () => {
    const options = { keyid: 'parley-room', issuer: 'parley', expiresIn: 60 } as const;
    expect(await verifier.verify(jwt.sign({ rooms: ['r'] }, SECRET, options))).toEqual(unauthorized);
    const minted = mintRoomToken(config, { rooms: ['r'] }, 60);
    expect(() => jwt.verify(minted, SECRET)).toThrow('invalid signature');
  });

  it('of one deployment mean nothing to another', async () => {
    const other = mintRoomToken({ ROOM_TOKEN_SECRET: 'other', JWT_SECRET: SECRET }, { rooms: ['r'] }, 60);
    expect(await verifier.verify(other)).toEqual(unauthorized);
  });
});
