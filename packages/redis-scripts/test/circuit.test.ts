import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Circuit } from '../src/connection/circuit.js';
import { RedisUnavailableError } from '../src/index.js';

const OPEN_MS = 1_000;

function makeCircuit() {
  const clock = { now: 0 };
  const changes: boolean[] = [];
  const circuit = new Circuit(
    { errorThreshold: 3, openMs: OPEN_MS, onChange: (open) => changes.push(open) },
    () => clock.now,
  );
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) {
      circuit.enter();
      circuit.failed();
    }
  };
  return { circuit, clock, changes, fail };
}

describe('the circuit', () => {
  it('opens after the threshold of failures in a row, and refuses at once', () => {
    const { circuit, changes, fail } = makeCircuit();
    fail(2);
    expect(circuit.isOpen).toBe(false);
    fail(1);
    expect(changes).toEqual([true]);
    expect(() => circuit.enter()).toThrow(RedisUnavailableError);
  });

  it('starts counting again after a success', () => {
    const { circuit, fail } = makeCircuit();
    fail(2);
    circuit.succeeded();
    fail(2);
    expect(circuit.isOpen).toBe(false);
  });

  it('lets exactly one trial through when its time is over', () => {
    const { circuit, clock, fail } = makeCircuit();
    fail(3);
    clock.now = OPEN_MS - 1;
    expect(() => circuit.enter()).toThrow(RedisUnavailableError);
    clock.now = OPEN_MS;
    expect(() => circuit.enter()).not.toThrow();
    expect(() => circuit.enter()).toThrow(RedisUnavailableError);
  });

  it('closes when the trial succeeds, and stays open for another while when it fails', () => {
    const { circuit, clock, changes, fail } = makeCircuit();
    fail(3);
    clock.now = OPEN_MS;
    fail(1);
    expect(() => circuit.enter()).toThrow(RedisUnavailableError);
    clock.now = 2 * OPEN_MS;
    circuit.enter();
    circuit.succeeded();
    expect(circuit.isOpen).toBe(false);
    expect(changes).toEqual([true, false]);
  });

  it('is open no longer where the clock of the machine is put back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const circuit = new Circuit({ errorThreshold: 1, openMs: 50 });
    circuit.enter();
    circuit.failed();
    vi.setSystemTime(Date.now() - 3_600_000);
    const from = performance.now();
    while (performance.now() - from < 100) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(circuit.admits()).toBe(true);
  });
});
