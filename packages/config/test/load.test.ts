import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  gatewaySettings,
  loadConfig,
  matchmakerSettings,
  signalingSettings,
} from '../src/index.js';

function refusal(settings: Parameters<typeof loadConfig>[0], env: NodeJS.ProcessEnv): ConfigError {
  try {
    loadConfig(settings, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('a good environment', () => {
  it('gives the documented defaults, frozen', () => {
    const config = loadConfig(signalingSettings, {});
    expect(config).toMatchObject({ PORT: 3002, ROOM_CAPACITY: 2, MESSAGE_MAX_BYTES: 262_144 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an alias, and the variable itself before its alias', () => {
    expect(loadConfig(signalingSettings, { WS_PORT: '4000' }).PORT).toBe(4000);
    expect(loadConfig(signalingSettings, { WS_PORT: '4000', PORT: '5000' }).PORT).toBe(5000);
    expect(loadConfig(matchmakerSettings, { MATCHMAKER_PORT: '4001' }).PORT).toBe(4001);
    expect(loadConfig(gatewaySettings, { GATEWAY_PORT: '4002' }).PORT).toBe(4002);
    expect(
      loadConfig(signalingSettings, { BACKPRESSURE_THRESHOLD_BYTES: '9' }).BACKPRESSURE_CLOSE_THRESHOLD_BYTES,
    ).toBe(9);
  });

  it('counts an empty value as not set', () => {
    expect(loadConfig(gatewaySettings, { PORT: '' }).PORT).toBe(8090);
  });
});

describe('a bad environment', () => {
  it('is refused with every bad variable, under the spelling that was used, and what was expected', () => {
    const { message } = refusal(signalingSettings, {
      WS_PORT: '99999',
      ROOM_CAPACITY: 'two',
      PRETTY_LOGS: 'maybe',
      REDIS_URL: 'http://localhost',
      REDIS_CA: '/etc/ssl/redis.pem',
    });
    expect(message).toContain('WS_PORT: expected a whole number of the port from 0 to 65535');
    expect(message).toContain('ROOM_CAPACITY: expected a whole number of members from 1 to 10000');
    expect(message).toContain('PRETTY_LOGS: expected true or false');
    expect(message).toContain('REDIS_URL: expected a redis:// or rediss:// URL');
    expect(message).toContain('REDIS_CA: expected certificates as PEM');
  });

  it('never repeats a value, which may be a secret', () => {
    const { message } = refusal(matchmakerSettings, { REDIS_URL: 'http://user:hunter2@redis' });
    expect(message).not.toContain('hunter2');
  });
});

describe('production', () => {
  it('refuses each insecure default by name', () => {
    const variables = (settings: Parameters<typeof loadConfig>[0]) =>
      refusal(settings, { NODE_ENV: 'production' }).issues.map((issue) => issue.variable);
    expect(variables(matchmakerSettings)).toEqual(['HOST_SECRET', 'SIGNALING_PUBLIC_URL']);
    expect(variables(gatewaySettings)).toEqual(['SIGNALING_PUBLIC_URL']);
  });

  it('runs once they are set', () => {
    const env = {
      NODE_ENV: 'production',
      HOST_SECRET: 'ours',
      SIGNALING_PUBLIC_URL: 'wss://signal.example.com',
    };
    expect(loadConfig(matchmakerSettings, env).HOST_SECRET).toBe('ours');
  });

  it('wants a signaling URL without a query, since pages append theirs', () => {
    const env = { SIGNALING_PUBLIC_URL: 'wss://signal.example.com/?a=b' };
    expect(refusal(matchmakerSettings, env).message).toContain('SIGNALING_PUBLIC_URL');
  });
});
