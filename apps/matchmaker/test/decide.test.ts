import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, forgotten, type Facts, type Memory, type Policy } from '../src/provision/decide.js';

const policies = fc
  .record({
    slotsPerHost: fc.integer({ min: 1, max: 8 }),
    buffer: fc.nat(20),
    min: fc.nat(10),
    span: fc.nat(30),
    scaleDownAfterMs: fc.nat(50),
    cooldownMs: fc.nat(50),
  })
  .map(({ span, ...policy }): Policy => ({ ...policy, max: Math.max(1, policy.min + span) }));

/** Whatever a region may be like, also while hosts start, are silent, or belong to somebody else. */
const facts = fc.record({
  hosts: fc.nat(50),
  free: fc.nat(100),
  leased: fc.nat(50),
  largest: fc.integer({ min: 1, max: 4 }),
  current: fc.nat(60),
});

/** The clock goes on by so much, and then the region is like this. */
const looks = fc.array(fc.tuple(fc.nat(20), facts), { minLength: 1, maxLength: 30 });

/** All that a region is told, look by look. */
function follow(policy: Policy, each: readonly (readonly [number, Facts])[]) {
  let memory: Memory = forgotten(0);
  let nowMs = 0;
  return each.map(([laterMs, seen]) => {
    nowMs += laterMs;
    const decision = decide(policy, seen, memory, nowMs);
    const changedAtMs = decision.desired === seen.current ? decision.memory.changedAtMs : nowMs;
    memory = { ...decision.memory, changedAtMs };
    return { ...decision, ...seen, nowMs };
  });
}

/** A region whose hosts all live, and whose platform does at once as it is told. */
function simulate(policy: Policy, used: readonly number[], stepMs: number): number[] {
  let memory = forgotten(0);
  let current = policy.min;
  return used.map((wanted, at) => {
    const slots = current * policy.slotsPerHost;
    const taken = Math.min(wanted, slots);
    const free = slots - taken;
    const seen = { hosts: current, free, leased: 0, largest: policy.slotsPerHost, current };
    const decision = decide(policy, seen, memory, at * stepMs);
    const changedAtMs = decision.desired === current ? memory.changedAtMs : at * stepMs;
    memory = { ...decision.memory, changedAtMs };
    current = decision.desired;
    return current;
  });
}

// Rare cases matter here, and a run takes microseconds.
fc.configureGlobal({ numRuns: 1_000 });

const needOf = ({ slotsPerHost, buffer, min, max }: Policy, used: number) =>
  Math.min(max, Math.max(min, Math.ceil((used + buffer) / slotsPerHost)));

describe('how many hosts a region is to have', () => {
  it('is never told to be below min or above max, nor fewer than its used slots need', () => {
    fc.assert(
      fc.property(policies, looks, (policy, each) => {
        for (const { desired, current, used } of follow(policy, each)) {
          if (desired === current) continue;
          expect(desired).toBeGreaterThanOrEqual(policy.min);
          expect(desired).toBeLessThanOrEqual(policy.max);
          expect(desired).toBeGreaterThanOrEqual(Math.min(policy.max, Math.ceil(used / policy.slotsPerHost)));
        }
      }),
    );
  });

  it('counts as used what is promised, and every slot of a living host that is not free', () => {
    fc.assert(
      fc.property(policies, looks, (policy, each) => {
        for (const { used, hosts, free, leased } of follow(policy, each))
          expect(used).toBe(Math.max(0, leased, hosts * policy.slotsPerHost - free));
      }),
    );
  });

  it('is raised to what is needed at the first look, whatever was before', () => {
    fc.assert(
      fc.property(policies, looks, (policy, each) => {
        for (const { desired, used } of follow(policy, each))
          expect(desired).toBeGreaterThanOrEqual(needOf(policy, used));
      }),
    );
  });

  it('never falls with more slots in use', () => {
    fc.assert(
      fc.property(policies, looks, facts, fc.nat(40), (policy, each, seen, more) => {
        const last = { ...seen, free: Math.min(seen.free, seen.hosts * policy.slotsPerHost) };
        const busier = { ...last, free: Math.max(0, last.free - more), leased: last.leased + more };
        const at = (now: Facts) => follow(policy, [...each, [20, now]]).at(-1)?.desired ?? Number.NaN;
        expect(at(busier)).toBeGreaterThanOrEqual(at(last));
      }),
    );
  });

  it('is lowered only to what was enough for the whole window, and not within the cooldown', () => {
    fc.assert(
      fc.property(policies, looks, (policy, each) => {
        const told = follow(policy, each);
        for (const [at, { desired, current, nowMs }] of told.entries()) {
          if (desired >= current) continue;
          expect(nowMs).toBeGreaterThanOrEqual(policy.scaleDownAfterMs);
          const window = told.slice(0, at + 1).filter((one) => one.nowMs >= nowMs - policy.scaleDownAfterMs);
          for (const { used } of window) expect(desired).toBeGreaterThanOrEqual(needOf(policy, used));
          const before = told.slice(0, at).findLast((one) => one.desired !== one.current);
          if (before) expect(nowMs - before.nowMs).toBeGreaterThanOrEqual(policy.cooldownMs);
        }
      }),
    );
  });

  it('is lowered by no more hosts than are known to be free beside the buffer', () => {
    fc.assert(
      fc.property(policies, looks, (policy, each) => {
        for (const { desired, current, free } of follow(policy, each))
          if (desired < current)
            expect((current - desired) * policy.slotsPerHost).toBeLessThanOrEqual(free - policy.buffer);
      }),
    );
  });

  it('is not lowered where nobody heartbeats: the pool does not know whether they are in use', () => {
    fc.assert(
      fc.property(policies, fc.nat(60), fc.nat(1_000), (policy, current, laterMs) => {
        const silent = { hosts: 0, free: 0, leased: 0, largest: 0, current };
        const last = follow(policy, [
          [0, silent],
          [laterMs, silent],
        ]).at(-1);
        expect(last?.desired).toBeGreaterThanOrEqual(current);
      }),
    );
  });

  it('does not follow a load that swings faster than the window: it goes up once and stays', () => {
    const stepMs = 10;
    fc.assert(
      fc.property(policies, fc.array(fc.nat(60), { minLength: 1, maxLength: 8 }), (policy, swing) => {
        const slow = { ...policy, scaleDownAfterMs: swing.length * stepMs };
        const rounds = Array.from({ length: 12 }, () => swing).flat();
        const told = simulate(slow, rounds, stepMs);
        for (const [at, hosts] of told.entries())
          expect(hosts).toBeGreaterThanOrEqual(told[at - 1] ?? policy.min);
      }),
    );
  });

  it('comes to what a steady load needs, and stays there', () => {
    const stepMs = 10;
    fc.assert(
      fc.property(policies, fc.array(fc.nat(60), { maxLength: 20 }), fc.nat(60), (policy, before, load) => {
        // Until then: up to the most hosts, one step for each as it may fill at once, then a window and a cooldown.
        const steps = policy.max + 1 + Math.ceil((policy.scaleDownAfterMs + policy.cooldownMs) / stepMs) + 2;
        const steady = Array.from({ length: steps + 10 }, () => load);
        const told = simulate(policy, [...before, ...steady], stepMs).slice(-10);
        const capacity = (hosts: number) => hosts * policy.slotsPerHost;
        expect(new Set(told).size).toBe(1);
        const taken = Math.min(load, capacity(told[0] ?? 0));
        expect(told[0]).toBe(needOf(policy, taken));
      }),
    );
  });
});

describe('examples', () => {
  const policy: Policy = {
    slotsPerHost: 4,
    buffer: 6,
    min: 1,
    max: 10,
    scaleDownAfterMs: 300,
    cooldownMs: 60,
  };
  const told = (about: Omit<Facts, 'largest'>, watchedMs = 0) => {
    const seen = { ...about, largest: policy.slotsPerHost };
    const { desired, reason } = follow(policy, [
      [0, seen],
      [watchedMs, seen],
    ]).at(-1) as { desired: number; reason: string };
    return { desired, reason };
  };

  it.each([
    ['starts', { hosts: 0, free: 0, leased: 0, current: 0 }, { desired: 2, reason: 'more-needed' }],
    ['has what it needs', { hosts: 4, free: 7, leased: 1, current: 4 }, { desired: 4, reason: 'enough' }],
    ['fills up', { hosts: 4, free: 2, leased: 9, current: 4 }, { desired: 5, reason: 'more-needed' }],
    ['has hosts that start', { hosts: 4, free: 2, leased: 9, current: 5 }, { desired: 5, reason: 'enough' }],
    [
      'is full',
      { hosts: 10, free: 0, leased: 0, current: 10 },
      { desired: 10, reason: 'more-needed-than-max' },
    ],
    [
      'has busy hosts that serve others',
      { hosts: 4, free: 0, leased: 0, current: 4 },
      { desired: 6, reason: 'more-needed' },
    ],
  ] as const)('a region that %s', (_, seen, expected) => {
    expect(told(seen)).toEqual(expected);
  });

  it('gives hosts back after the window, and says until then that it is too soon', () => {
    const idle = { hosts: 8, free: 30, leased: 0, current: 8 };
    expect(told(idle, 299)).toEqual({ desired: 8, reason: 'fewer-needed-but-too-soon' });
    expect(told(idle, 300)).toEqual({ desired: 2, reason: 'fewer-needed' });
  });

  it('keeps those that may be in use: half of them are silent', () => {
    const halfSilent = { hosts: 4, free: 14, leased: 0, current: 8 };
    expect(told(halfSilent, 300)).toEqual({ desired: 6, reason: 'fewer-needed' });
  });

  it('gives nothing back where hosts have more slots than the plan says', () => {
    const larger = { hosts: 4, free: 17, leased: 0, current: 4 };
    expect(told(larger, 300)).toEqual({ desired: 4, reason: 'hosts-larger-than-planned' });
  });

  it('gives nothing back for a whole window after a larger host was seen, of which each look may miss some', () => {
    // Hosts of 16 slots, 12 of them used: by the plan there are 4, and all are free.
    const busy = { hosts: 8, free: 32, leased: 0, current: 8 };
    const [, seen, missed, later] = follow(policy, [
      [0, { ...busy, largest: 4 }],
      [300, { ...busy, largest: 16 }],
      [299, { ...busy, largest: 4 }],
      [2, { ...busy, largest: 4 }],
    ]);
    for (const each of [seen, missed])
      expect(each).toMatchObject({ desired: 8, reason: 'hosts-larger-than-planned' });
    expect(later).toMatchObject({ desired: 2, reason: 'fewer-needed' });
  });
});
