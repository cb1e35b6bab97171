import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

it.each(['start', 'test'])(
  'npm %s on a Node that is too old says which one it needs, and exits 1',
  (command) => {
    const args = ['--import', path('./fixtures/old-node.mjs'), path(`../bin/${command}.js`)];
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('Parley needs Node 20.19 or newer; this is 18.20.4.');
    expect(stdout).toBe('');
  },
);
