import { findOnPath } from './on-path.js';
import type { EntryCheck, EntryResult } from './cache-entry.js';
import { checkServer } from './redis-binary.js';

const CANDIDATES = [
  { server: 'redis-server', cli: 'redis-cli' },
  { server: 'valkey-server', cli: 'valkey-cli' },
];

/** A server that is installed on this machine: redis-server, else valkey-server, from PATH. */
export async function findServerOnPath({ env, minVersion }: EntryCheck): Promise<EntryResult> {
  const reasons: string[] = [];
  for (const { server, cli } of CANDIDATES) {
    const serverPath = await findOnPath(server, env);
    if (serverPath === undefined) continue;
    const check = await checkServer(serverPath, env, minVersion);
    if (!check.ok) {
      reasons.push(check.reason);
      continue;
    }
    const cliPath = await findOnPath(cli, env);
    const binary = {
      serverPath,
      ...(cliPath === undefined ? {} : { cliPath }),
      env: {},
      version: check.version,
    };
    return { ok: true, binary: { ...binary, source: 'path' } };
  }
  const names = CANDIDATES.map(({ server }) => server).join(' or ');
  return { ok: false, reason: reasons.length > 0 ? reasons.join('; ') : `no ${names}` };
}
