import { describe, expect, it } from 'vitest';
import { ConfigError, incompleteProvisioner, loadConfig, matchmakerSettings } from '../src/index.js';

const EU = { eu: { buffer: 4, max: 20 } };
const FLEET = { eu: { ...EU.eu, target: 'fleets/games/eu' } };
const PRODUCTION = {
  NODE_ENV: 'production',
  HOST_SECRET: 'a-secret',
  SIGNALING_PUBLIC_URL: 'wss://play.example.com/signal',
};

const load = (env: Record<string, string>) => loadConfig(matchmakerSettings, env);
const plans = (regions: unknown) =>
  load({ PROVISIONER_REGIONS: JSON.stringify(regions) }).PROVISIONER_REGIONS;

function refusal(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.issues.map((i) => `${i.variable}: ${i.expected}`).join('\n');
    throw error;
  }
  return '';
}

describe('PROVISIONER_REGIONS', () => {
  it('is a plan for each region, with what is not said filled in', () => {
    const eu = { slotsPerHost: 1, min: 0, buffer: 4, max: 20 };
    const us = { slotsPerHost: 8, min: 2, buffer: 0, max: 2 };
    const target = { kind: 'deployments', namespace: 'games', name: 'us.west' };
    const found = plans({ ...EU, us: { ...us, target: 'deployments/games/us.west' } });
    expect(found).toEqual(
      new Map<string, object>([
        ['eu', eu],
        ['us', { ...us, target }],
      ]),
    );
  });

  it.each([
    ['no JSON', 'eu=4', /expected JSON such as/],
    ['no object', '[]', /expected JSON such as/],
    ['no region', '{}', /expected 1 to 100 regions/],
    ['no plan', '{"eu":3}', /in region "eu": expected an object/],
    ['nothing of its size', '{"eu":{"buffer":1}}', /in region "eu", max: expected the most hosts/],
    ['half a slot', '{"eu":{"buffer":1.5,"max":3}}', /in region "eu", buffer: expected free slots/],
    [
      'more at least than at most',
      '{"eu":{"buffer":1,"max":3,"min":4}}',
      /"eu": expected min to be at most max/,
    ],
    [
      'a buffer that the most hosts do not have',
      '{"eu":{"buffer":9,"max":2,"slotsPerHost":4}}',
      /"eu": expected buffer to be at most max \* slotsPerHost/,
    ],
    ['a field that is not', '{"eu":{"buffer":1,"max":3,"bufer":4}}', /"eu": knows no bufer/],
    [
      'what cannot be scaled',
      '{"eu":{"buffer":1,"max":3,"target":"pods/a/b"}}',
      /target: expected deployments/,
    ],
    ['a path', '{"eu":{"buffer":1,"max":3,"target":"fleets/../b"}}', /target: expected deployments/],
    ['no name', '{"":{"buffer":1,"max":3}}', /names of regions with 1 to 64 characters/],
  ])('is refused with %s, and says what is wrong', (_, text, expected) => {
    expect(refusal({ PROVISIONER_REGIONS: text })).toMatch(expected);
  });

  it('is refused where two regions would scale the same', () => {
    const text = JSON.stringify({ ...FLEET, us: FLEET.eu });
    expect(refusal({ PROVISIONER_REGIONS: text })).toMatch(/fleets\/games\/eu has several/);
  });
});

describe('a provisioner that lacks something', () => {
  it('is told what', () => {
    const missing = (env: Record<string, string>) =>
      incompleteProvisioner(load(env)).map(({ variable, expected }) => `${variable}: ${expected}`);
    expect(missing({})).toEqual([]);
    expect(missing({ PROVISIONER: 'webhook' })).toEqual([
      'PROVISIONER_REGIONS: expected a plan for each region beside PROVISIONER=webhook',
      'PROVISIONER_WEBHOOK_URL: expected a URL beside PROVISIONER=webhook',
    ]);
    const untargeted = { PROVISIONER: 'kubernetes', PROVISIONER_REGIONS: JSON.stringify(EU) };
    expect(missing(untargeted)).toEqual(['PROVISIONER_REGIONS: in region "eu": expected a target']);
  });

  it('keeps production from starting', () => {
    expect(refusal({ ...PRODUCTION, PROVISIONER: 'kubernetes' })).toMatch(/^PROVISIONER_REGIONS: /);
    expect(refusal(PRODUCTION)).toBe('');
  });
});

describe('in production', () => {
  const webhook = {
    ...PRODUCTION,
    PROVISIONER: 'webhook',
    PROVISIONER_REGIONS: JSON.stringify(EU),
    PROVISIONER_WEBHOOK_URL: 'https://scaler.internal/parley',
    PROVISIONER_WEBHOOK_SECRET: 'a-secret',
  };
  const kubernetes = {
    ...PRODUCTION,
    PROVISIONER: 'kubernetes',
    PROVISIONER_REGIONS: JSON.stringify(FLEET),
  };

  it('a webhook has a secret, which nobody on the way can read', () => {
    expect(refusal(webhook)).toBe('');
    const { PROVISIONER_WEBHOOK_SECRET: _, ...open } = webhook;
    expect(refusal(open)).toMatch(/^PROVISIONER_WEBHOOK_SECRET: in production/);
    const plain = { ...webhook, PROVISIONER_WEBHOOK_URL: 'http://scaler.internal/parley' };
    expect(refusal(plain)).toMatch(/^PROVISIONER_WEBHOOK_URL: in production/);
    expect(refusal({ ...plain, PROVISIONER_WEBHOOK_AUTH: 'hmac' })).toBe('');
    expect(refusal({ ...plain, PROVISIONER_WEBHOOK_URL: 'http://127.0.0.1:9000/' })).toBe('');
  });

  it('a secret of a webhook is one that a header can hold: one from a file may end in a line', () => {
    const secret = (text: string) => refusal({ ...webhook, PROVISIONER_WEBHOOK_SECRET: text });
    expect(secret('some secret: ünï\tcode')).toBe('');
    for (const text of ['a-secret\n', 'a-secret\r\n', 'a-secret with a \u2026']) {
      expect(secret(text)).toMatch(/^PROVISIONER_WEBHOOK_SECRET: expected text without ends of lines/);
      expect(secret(text)).not.toContain('a-secret');
    }
  });

  it('the token goes to Kubernetes over TLS, or to a proxy on the same machine', () => {
    const at = (url: string) => refusal({ ...kubernetes, PROVISIONER_KUBERNETES_URL: url });
    expect(refusal(kubernetes)).toBe('');
    expect(at('http://kubernetes.default.svc')).toMatch(/^PROVISIONER_KUBERNETES_URL: in production/);
    expect(at('http://localhost:8001')).toBe('');
  });
});
