import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { stillRunning } from '../e2e/support/processes.js';
import { runCommand } from '../bin/bootstrap/run-command.js';

const FIXTURE = fileURLToPath(new URL('./fixtures/starts-and-waits.mjs', import.meta.url));
const here = { cwd: process.cwd() };

it.each(['the starter', 'its whole process group'])(
  'a command ends when %s is killed, even one that ignores SIGTERM',
  async (victim) => {
    const starter = spawn(process.execPath, [FIXTURE], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const { leash, command } = JSON.parse(line.toString()) as { leash: number; command: number };
    expect(stillRunning([leash, command])).toHaveLength(2);

    const pid = starter.pid ?? 0;
    process.kill(victim === 'the starter' ? pid : -pid, 'SIGKILL');

    await vi.waitFor(() => expect(stillRunning([leash, command])).toEqual([]), 5_000);
  },
);

it('a command gives its output and whether it succeeded', async () => {
  const lines: string[] = [];
  const print = `console.log('one'); console.error('two'); process.exitCode = Number(process.argv[1])`;
  const good = await runCommand(process.execPath, ['-e', print, '0'], {
    ...here,
    onLine: (line) => lines.push(line),
  });
  expect(good.ok).toBe(true);
  expect(lines.toSorted()).toEqual(['one', 'two']);
  const bad = await runCommand(process.execPath, ['-e', print, '3'], here);
  expect(bad.ok).toBe(false);
  expect(bad.output.split('\n').toSorted()).toEqual(['one', 'two']);
});

it('a command that does not exist fails, and the output says so', async () => {
  const result = await runCommand('no-such-command', [], here);
  expect(result).toMatchObject({
    ok: false,
    output: expect.stringContaining('no-such-command cannot be run'),
  });
});
