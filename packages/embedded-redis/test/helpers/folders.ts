import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RedisBinary } from '../../src/index.js';

const REDIS_NAME = /^(redis|valkey)-/;

/** A fresh folder that goes with the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-embedded-redis-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A PATH with every program of this machine but Redis' own. */
export function pathWithoutRedis(): string {
  const folder = tempFolder();
  for (const source of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of namesIn(source)) {
      if (!REDIS_NAME.test(name)) linkOnce(join(source, name), join(folder, name));
    }
  }
  return folder;
}

/** A folder for PATH in which the given server is installed under another name. */
export function folderWithServer(binary: RedisBinary, name: string): string {
  const folder = tempFolder();
  const variables = Object.entries(binary.env).map(([key, value]) => `${key}='${value}' `);
  const script = `#!/bin/sh\n${variables.join('')}exec '${binary.serverPath}' "$@"\n`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return folder;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOnce(target: string, link: string): void {
  try {
    symlinkSync(target, link);
  } catch {
    // An earlier folder of PATH has that name.
  }
}
