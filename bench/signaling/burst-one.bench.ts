// How fast does a burst of candidates arrive on one instance, whole and in order?
import { runBench } from '../lib/run-bench.js';
import { burst } from './burst.js';
import { openServers } from './servers.js';

await runBench({
  name: 'signaling-burst-one',
  question: '100 pairs × 200 candidates at once on one instance, none lost. Target: at least 0.75 × A',
  timeoutMs: 300_000,
  async open(options, scope) {
    const names = ['A: in memory', 'Parley'] as const;
    const servers = await Promise.all(names.map((name) => openServers(name, 1, scope)));
    return servers.map((each) => burst(each, options));
  },
});
