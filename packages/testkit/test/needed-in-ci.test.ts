import { describe, expect, it } from 'vitest';
import { neededInCi } from '../src/needed-in-ci.js';

const missing = { ok: false, reason: 'neither Debian nor Ubuntu' } as const;
const there = { ok: true, paths: ['/usr/bin/chromium'], env: {} } as const;

describe('a program that a machine does not have', () => {
  it('is skipped on a machine of somebody', () => {
    expect(neededInCi('chromium', missing, {})).toBe(missing);
    expect(neededInCi('chromium', missing, { CI: 'false' })).toBe(missing);
  });

  it('fails the suite in CI, with the reason', () => {
    expect(() => neededInCi('chromium', missing, { CI: 'true' })).toThrow(/no chromium here.*neither Debian/);
    const env = { CI: 'true', PARLEY_TESTS_WITHOUT: 'coturn' };
    expect(() => neededInCi('chromium', missing, env)).toThrow(/PARLEY_TESTS_WITHOUT=chromium/);
  });

  it('is skipped in CI where somebody has said so', () => {
    const env = { CI: 'true', PARLEY_TESTS_WITHOUT: 'coturn, chromium' };
    expect(neededInCi('chromium', missing, env)).toBe(missing);
  });

  it('matters only where it is missing', () => {
    expect(neededInCi('chromium', there, { CI: 'true' })).toBe(there);
  });
});
