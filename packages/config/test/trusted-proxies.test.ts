import { describe, expect, it } from 'vitest';
import { gatewaySettings, loadConfig, parseTrustedProxies } from '../src/index.js';

const read = (value?: string) =>
  parseTrustedProxies(
    loadConfig(gatewaySettings, value === undefined ? {} : { TRUST_PROXY: value }).TRUST_PROXY,
  );

describe('TRUST_PROXY', () => {
  it('believes nobody by default', () => {
    expect(read()).toEqual({ hops: 0 });
  });

  it.each([
    ['2', { hops: 2 }],
    ['10.1.2.3', { networks: ['10.1.2.3/32'] }],
    ['10.0.0.0/8, ::1', { networks: ['10.0.0.0/8', '::1/128'] }],
    ['loopback', { networks: ['127.0.0.0/8', '::1/128'] }],
  ])('understands %s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    '-1',
    'true',
    '10.0.0.0/33',
    '10.0.0',
    'proxy.example',
    ',',
    '::1/129',
    '10.0.0.0/x',
    'constructor',
  ])('refuses %s, and says what it takes', (text) => {
    expect(() => read(text)).toThrow(/TRUST_PROXY: expected the number of proxies/);
  });
});

describe('addresses of Redis', () => {
  it.each([
    ['REDIS_CLUSTER_NODES', 'a:1,b:c'],
    ['REDIS_CLUSTER_NODES', 'redis://a:1'],
    ['REDIS_SENTINELS', '::1:26379'],
    ['REDIS_URL', 'redis://host/database'],
  ])('%s=%s is refused by name', (variable, value) => {
    expect(() => loadConfig(gatewaySettings, { [variable]: value })).toThrow(
      new RegExp(`${variable}: expected`),
    );
  });

  it('may leave out the port, and use IPv6', () => {
    const { REDIS_CLUSTER_NODES } = loadConfig(gatewaySettings, { REDIS_CLUSTER_NODES: 'a,[::1]:7000' });
    expect(REDIS_CLUSTER_NODES).toEqual(['a', '[::1]:7000']);
  });
});
