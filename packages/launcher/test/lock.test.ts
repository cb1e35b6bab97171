import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withLock } from '../bin/bootstrap/lock.js';
import type { Progress } from '../src/bootstrap.js';

let folder: string;
const silent: Progress = {
  step: () => ({ note: () => {}, done: () => {}, failed: () => {} }),
  line: () => {},
  stop: () => {},
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('a lock is free again after its work, also when that failed', async () => {
  const file = join(folder, 'failed.lock');
  const failing = withLock(file, silent, () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  let ran = false;
  await withLock(file, silent, async () => void (ran = true));
  expect(ran).toBe(true);
});

it('a lock whose holder is gone is taken over', async () => {
  const file = join(folder, 'dead.lock');
  // Above the largest process id of any system.
  writeFileSync(file, '99999999');
  let ran = false;
  await withLock(file, silent, async () => void (ran = true));
  expect(ran).toBe(true);
});

it('a lock that another process holds is waited for', async () => {
  const file = join(folder, 'held.lock');
  writeFileSync(file, String(process.ppid));
  const order: string[] = [];
  const step = (): ReturnType<Progress['step']> => {
    order.push('waits');
    rmSync(file);
    return { note: () => {}, done: () => order.push('has it'), failed: () => {} };
  };
  await withLock(file, { ...silent, step }, async () => void order.push('works'));
  expect(order).toEqual(['waits', 'has it', 'works']);
});
