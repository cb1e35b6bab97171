// How much memory does Redis use for a host?
import { Redis } from 'ioredis';
import type { Contender } from '../lib/alternate.js';
import { postRequest } from '../lib/http-connection.js';
import { HttpLoad } from '../lib/http-load.js';
import { runBench } from '../lib/run-bench.js';
import type { Scope } from '../lib/scope.js';
import { register } from './hosts.js';
import { openServer } from './servers.js';

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}

/** Fills a fresh pool at each measurement; one that was emptied under a matchmaker would wait for the leases that it lost. */
function freshPool(hosts: number, scope: Scope): Contender {
  const find = postRequest('/api/match/find', {});
  return {
    name: `${hosts.toLocaleString('en-US')} hosts`,
    async measure() {
      const { program, redis } = await openServer('Parley', scope, { LEASE_TTL_SECONDS: '3600' });
      const client = new Redis(redis.url);
      scope.onClose(() => client.disconnect());
      const before = await usedBytes(client);
      await register(program.port, hosts);
      const withHosts = await usedBytes(client);
      const load = await HttpLoad.open(program.port, 16);
      await load.sendAll(Array.from({ length: hosts }, () => find));
      load.close();
      return {
        bytesPerHost: (withHosts - before) / hosts,
        bytesPerLease: ((await usedBytes(client)) - withHosts) / hosts,
      };
    },
  };
}

await runBench({
  name: 'matchmaker-memory',
  question: 'memory in Redis per host, and per lease. No target: reported',
  open({ smoke }, scope) {
    return Promise.resolve([freshPool(smoke ? 200 : 5_000, scope)]);
  },
});
