import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { BlockList, isIPv6 } from 'node:net';
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

  it('lets nobody into private networks, by either kind of address', () => {
    // One list for each: in a list of Node's, an IPv4 address is also its IPv6 spelling.
    const [denied, denied6] = [new BlockList(), new BlockList()];
    for (const option of CONTAINERS['coturn']?.command ?? []) {
      const [, from = '', to = ''] = /^--denied-peer-ip=([^-]+)-([^-]+)$/.exec(option) ?? [];
      if (isIPv6(from)) denied6.addRange(from, to, 'ipv6');
      else if (from) denied.addRange(from, to);
    }
    // To coturn, what begins at :: holds every IPv4 address, and nobody would be let through.
    expect(CONTAINERS['coturn']?.command?.filter((option) => option.includes('=::-'))).toEqual([]);
    const inside = ['10.1.2.3', '100.100.1.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1'];
    const inside6 = ['::1', '::ffff:a00:1', '64:ff9b::a00:1', 'fd00::1', 'fe80::1'];
    expect(inside.filter((address) => !denied.check(address))).toEqual([]);
    expect(inside6.filter((address) => !denied6.check(address, 'ipv6'))).toEqual([]);
    expect(denied.check('192.0.2.1') || denied6.check('2001:db8::1', 'ipv6')).toBe(false);
  });

  it('tells its public address, where it is given one', async () => {
    const { args, env } = await commandLine();
    const [, script = ''] = args;
    // The shell says what it would run.
    const said = await run('sh', ['-c', script.replace('exec turnserver', 'echo'), ...args.slice(2)], {
      env: { ...env, TURN_SECRET: 'a-secret', TURN_EXTERNAL_IP: '192.0.2.1' },
    });
    expect(said.stdout).toContain(' --external-ip=192.0.2.1 ');
  });

  it.each(['', '192.0.2.1'])(
    'understands every option, and starts with one; public address: "%s"',
    async (address) => {
      const { args, env } = await commandLine();
      const secrets = { TURN_SECRET: 'a-secret-of-the-tests', TURN_EXTERNAL_IP: address };
      const server = spawn('sh', args, { env: { ...env, ...secrets } });
      let said = '';
      for (const stream of [server.stdout, server.stderr])
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const exited = once(server, 'exit');
      onTestFinished(async () => {
        server.kill('SIGKILL');
        await exited;
      });
      await waitFor(
        () => /Total auth threads|relay .* initialization done/i.test(said),
        'coturn has started',
      );
      expect(said).not.toMatch(/unrecogni[sz]ed option|invalid option|CONFIG ERROR/i);
      expect(server.exitCode).toBeNull();
    },
  );
});
