import { describe, expect, it } from 'vitest';
import { Circuit } from '../src/connection/circuit.js';
import { RedisUnavailableError } from '../src/index.js';

const OPEN_MS = 1_000;

function circuit() {
  const clock = { now: 0 };
  const changes: boolean[] = [];
  const it = new Circuit(
    { errorThreshold: 3, openMs: OPEN_MS, onChange: (open) => changes.push(open) },
    () => clock.now,
  );
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) {
      it.enter();
      it.failed();
    }
  };
  return { circuit: it, clock, changes, fail };
}

describe('the circuit', () => {
  it('opens after the threshold of failures in a row, and refuses at once', () => {
    const { circuit: it, changes, fail } = circuit();
    fail(2);
    expect(it.isOpen).toBe(false);
    fail(1);
    expect(changes).toEqual([true]);
    expect(() => it.enter()).toThrow(RedisUnavailableError);
  });

  it('starts counting again after a success', () => {
    const { circuit: it, fail } = circuit();
    fail(2);
    it.succeeded();
    fail(2);
    expect(it.isOpen).toBe(false);
  });

  it('lets exactly one trial through when its time is over', () => {
    const { circuit: it, clock, fail } = circuit();
    fail(3);
    clock.now = OPEN_MS - 1;
    expect(() => it.enter()).toThrow(RedisUnavailableError);
    clock.now = OPEN_MS;
    expect(() => it.enter()).not.toThrow();
    expect(() => it.enter()).toThrow(RedisUnavailableError);
  });

  it('closes when the trial succeeds, and stays open for another while when it fails', () => {
    const { circuit: it, clock, changes, fail } = circuit();
    fail(3);
    clock.now = OPEN_MS;
    fail(1);
    expect(() => it.enter()).toThrow(RedisUnavailableError);
    clock.now = 2 * OPEN_MS;
    it.enter();
    it.succeeded();
    expect(it.isOpen).toBe(false);
    expect(changes).toEqual([true, false]);
  });
});
