import { describe, expect, it } from 'vitest';
import { ConfigError, gatewaySettings, loadConfig, matchmakerSettings } from '../src/index.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  HOST_SECRET: 'ours',
  SIGNALING_PUBLIC_URL: 'wss://signal.example.com',
};

function refused(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(matchmakerSettings, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ variable }) => variable);
    throw error;
  }
  return [];
}

describe('STUN and TURN settings', () => {
  it('are the same for the matchmaker and the gateway', () => {
    const env = { TURN_URLS: 'turn:a.example:3478?transport=udp, turns:[::1]:5349', TURN_SECRET: 's' };
    for (const settings of [matchmakerSettings, gatewaySettings]) {
      expect(loadConfig(settings, env)).toMatchObject({
        STUN_URLS: ['stun:stun.l.google.com:19302'],
        TURN_URLS: ['turn:a.example:3478?transport=udp', 'turns:[::1]:5349'],
        TURN_EXPIRY_SECONDS: 14_400,
      });
    }
  });

  it.each([
    ['STUN_URLS', 'turn:a.example'],
    ['STUN_URLS', 'stun:a.example, b.example'],
    ['TURN_URLS', 'turn://a.example'],
    ['TURN_URLS', 'stun:a.example'],
    ['TURN_STATIC_URLS', 'turn:a.example?transport=quic'],
    ['METERED_DOMAIN', 'https://metered.live/some/path'],
    ['METERED_DOMAIN', 'a.example:99999'],
    ['METERED_DOMAIN', 'user:password@a.example'],
    ['TURN_EXPIRY_SECONDS', '0'],
  ])('refuse %s=%s', (variable, value) => {
    expect(refused({ [variable]: value })).toEqual([variable]);
  });

  it('in production name what a provider lacks, which would silently be left out', () => {
    expect(refused({ ...PRODUCTION, METERED_DOMAIN: 'yourcompany' })).toEqual(['METERED_API_KEY']);
    expect(refused({ ...PRODUCTION, TURN_SECRET: 's' })).toEqual(['TURN_URLS']);
    expect(refused({ ...PRODUCTION, TURN_STATIC_USERNAME: 'u' })).toEqual([
      'TURN_STATIC_URLS',
      'TURN_STATIC_CREDENTIAL',
    ]);
    expect(refused({ METERED_DOMAIN: 'yourcompany' })).toEqual([]);
  });

  it('in production do not send the key at Metered in the clear', () => {
    const metered = { METERED_DOMAIN: 'http://127.0.0.1:4711', METERED_API_KEY: 'k' };
    expect(refused({ ...PRODUCTION, ...metered })).toEqual(['METERED_DOMAIN']);
    expect(refused(metered)).toEqual([]);
  });
});
