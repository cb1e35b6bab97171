import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findDebianPrograms, neededInCi, waitFor } from '@parley/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONTAINERS } from './support/compose-file.js';
import { run } from './support/run.js';

const request = { name: 'turnserver', packages: ['coturn'], programs: ['usr/bin/turnserver'] };
const coturn = neededInCi('coturn', await findDebianPrograms(request));
const why = coturn.ok ? '' : ` (skipped, no coturn: ${coturn.reason})`;

/** What compose runs, in a folder of the test and on loopback. */
async function commandLine(): Promise<{ args: string[]; env: Record<string, string> }> {
  if (!coturn.ok) throw new Error(coturn.reason);
  const folder = await mkdtemp(join(tmpdir(), 'parley-coturn-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { entrypoint = [], command = [] } = CONTAINERS['coturn'] ?? {};
  const args = [...entrypoint, ...command].map((arg) =>
    arg
      .replaceAll('$$', '$')
      .replace('=/tmp/', `=${folder}/`)
      .replace('listening-port=3478', 'listening-port=0'),
  );
  const path = [dirname(coturn.paths[0] ?? ''), process.env['PATH']].join(delimiter);
  return {
    args: [...args.slice(1), '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1'],
    env: { ...coturn.env, PATH: path },
  };
}

describe.skipIf(!coturn.ok)(`coturn of docker-compose.yml${why}`, () => {
  it('does not start without a secret: it would take the empty one, which everybody knows', async () => {
    const { args, env } = await commandLine();
    const { code, stderr } = await run('sh', args, { env: { ...env, TURN_SECRET: '' } });
    expect({ code: code > 0, said: stderr.includes('set TURN_SECRET') }).toEqual({ code: true, said: true });
  });

  it('understands every option, and starts with one', async () => {
    const { args, env } = await commandLine();
    const server = spawn('sh', args, { env: { ...env, TURN_SECRET: 'a-secret-of-the-tests' } });
    let said = '';
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const exited = once(server, 'exit');
    onTestFinished(async () => {
      server.kill('SIGKILL');
      await exited;
    });
    await waitFor(() => /Total auth threads|relay .* initialization done/i.test(said), 'coturn has started');
    expect(said).not.toMatch(/unrecogni[sz]ed option|invalid option|CONFIG ERROR/i);
    expect(server.exitCode).toBeNull();
  });
});
