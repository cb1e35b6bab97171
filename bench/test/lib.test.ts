import { describe, expect, it } from 'vitest';
import { alternate } from '../lib/alternate.js';
import { cpuMeter } from '../lib/cpu.js';
import { summarize } from '../lib/report.js';
import { median, percentile } from '../lib/statistics.js';

describe('what benches compute', () => {
  it('medians and percentiles do not depend on the order of samples', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    const samples = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentile(samples, 0.5)).toBe(50);
    expect(percentile(samples, 0.99)).toBe(99);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('contenders take turns, one round of warming up does not count, and ratios are to the first one', async () => {
    const order: string[] = [];
    const contender = (name: string, ms: number) => ({
      name,
      measure: async () => {
        order.push(name);
        return { ms: order.length <= 2 ? 1_000 : ms };
      },
    });
    const samples = await alternate([contender('a', 2), contender('b', 6)], 2);
    expect(order.join('')).toBe('ababba');
    expect(summarize(samples)).toMatchObject([
      { name: 'a', medians: { ms: 2 }, ratios: { ms: 1 } },
      { name: 'b', medians: { ms: 6 }, ratios: { ms: 3 } },
    ]);
  });

  it('the CPU that a process uses is seen', () => {
    const usedMs = cpuMeter([process.pid]);
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(usedMs()).toBeGreaterThan(50);
  });
});
