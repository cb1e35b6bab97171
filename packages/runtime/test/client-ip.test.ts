import { request as httpRequest } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { createClientIp, ipLimitKey, listen } from '../src/index.js';

const stops: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

/** What a server behind `TRUST_PROXY` takes for the client's address of a request over loopback. */
async function seen(trustProxy: string, forwardedFor?: string): Promise<string> {
  const clientIp = createClientIp({ TRUST_PROXY: trustProxy });
  const listener = await listen((request, response) => response.end(clientIp(request)), 0);
  stops.push(() => listener.close());
  const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: listener.address.port, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject).end();
  });
}

describe("the client's address", () => {
  it.each([
    ['0', undefined, '127.0.0.1'],
    ['0', '203.0.113.9', '127.0.0.1'],
    ['1', '203.0.113.9', '203.0.113.9'],
    ['1', '198.51.100.66, 203.0.113.9', '203.0.113.9'],
    ['2', '198.51.100.66, 203.0.113.9', '198.51.100.66'],
    ['5', '203.0.113.9', '203.0.113.9'],
    ['1', undefined, '127.0.0.1'],
    ['loopback', '203.0.113.9', '203.0.113.9'],
    ['loopback', '203.0.113.9, 127.0.0.5', '203.0.113.9'],
    ['10.0.0.0/8', '203.0.113.9', '127.0.0.1'],
    ['loopback,10.0.0.0/8', '198.51.100.66, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['loopback', '[2001:db8::7]:4711', '2001:db8::7'],
    ['loopback', '203.0.113.9:4711', '203.0.113.9'],
    ['loopback', '::ffff:203.0.113.9', '203.0.113.9'],
  ])('TRUST_PROXY=%s, X-Forwarded-For: %s → %s', async (trusted, forwarded, expected) => {
    expect(await seen(trusted, forwarded)).toBe(expected);
  });

  it.each(['unknown', 'x'.repeat(3_000), '999.1.1.1', ',', '<script>'])(
    'is the proxy itself when it names no address: %j',
    async (forwarded) => {
      expect(await seen('1', forwarded)).toBe('127.0.0.1');
    },
  );
});

describe('the key of limits per client', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('of %s is %s', (address, key) => {
    expect(ipLimitKey(address)).toBe(key);
  });
});
