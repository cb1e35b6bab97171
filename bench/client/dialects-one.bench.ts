// What does parley.v1 cost beside the plain dialect, on one instance?
import { runBench } from '../lib/run-bench.js';
import { openServers } from '../signaling/servers.js';
import { inDialect } from './dialects.js';

await runBench({
  name: 'client-dialects-one',
  question:
    '200 pairs ping-pong a 1.1 KB offer on one instance: parley.v1 beside the plain dialect of the same server',
  timeoutMs: 300_000,
  async open(options, scope) {
    const servers = await openServers('Parley', 1, scope);
    return (['plain', 'parley.v1'] as const).map((dialect) => inDialect(dialect, servers, options));
  },
});
