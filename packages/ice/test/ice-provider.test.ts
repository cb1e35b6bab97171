import { describe, expect, it } from 'vitest';
import { meteredOrigin } from '../src/metered/origin.js';
import { iceProvider } from './support/provider.js';

const STATIC = {
  TURN_STATIC_URLS: 'turn:fixed.example:3478,turns:fixed.example:5349?transport=tcp',
  TURN_STATIC_USERNAME: 'someone',
  TURN_STATIC_CREDENTIAL: 'password',
};

describe('the servers that clients get', () => {
  it('are a public STUN server when nothing is set', async () => {
    const ice = iceProvider({});
    expect(await ice.answer()).toEqual({ iceServers: [{ urls: 'stun:stun.l.google.com:19302' }] });
    expect(await ice.metricsText()).toContain('cloudgaming_ice_stun_only_total 0');
  });

  it('are STUN first, then fixed ones, which never end', async () => {
    const ice = iceProvider({ STUN_URLS: 'stun:a.example,stun:b.example:3479', ...STATIC });
    const credential = { username: 'someone', credential: 'password' };
    expect(await ice.answer()).toEqual({
      iceServers: [
        { urls: 'stun:a.example' },
        { urls: 'stun:b.example:3479' },
        { urls: 'turn:fixed.example:3478', ...credential },
        { urls: 'turns:fixed.example:5349?transport=tcp', ...credential },
      ],
    });
  });

  it('are ones with credentials that end, where both are configured', async () => {
    const ice = iceProvider({ ...STATIC, TURN_URLS: 'turn:own.example', TURN_SECRET: 'shared' });
    const servers = await ice.iceServers('alice');
    expect(servers.map(({ urls }) => urls)).toEqual(['stun:stun.l.google.com:19302', 'turn:own.example']);
  });

  it('leave out a provider that is configured by halves, and the log says what it lacks', async () => {
    const ice = iceProvider({ TURN_URLS: 'turn:own.example' });
    expect(await ice.iceServers()).toHaveLength(1);
    expect(ice.log.join('')).toContain('TURN_SECRET');
  });
});

describe('the origin of the Metered API', () => {
  it.each([
    ['yourcompany', 'https://yourcompany.metered.live'],
    ['yourcompany.metered.live', 'https://yourcompany.metered.live'],
    ['yourcompany.metered.live/', 'https://yourcompany.metered.live'],
    ['turn.example.com', 'https://turn.example.com'],
    ['https://turn.example.com/', 'https://turn.example.com'],
    ['http://127.0.0.1:4711', 'http://127.0.0.1:4711'],
  ])('of %s is %s', (domain, origin) => {
    expect(meteredOrigin(domain)).toBe(origin);
  });
});
