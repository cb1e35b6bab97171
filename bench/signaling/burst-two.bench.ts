// How fast does a burst of candidates arrive across two instances, whole and in order?
import { runBench } from '../lib/run-bench.js';
import { burst } from './burst.js';
import { openServers } from './servers.js';

await runBench({
  name: 'signaling-burst-two',
  question: '100 pairs × 200 candidates at once across two instances, none lost. Target: at least 1.0 × B',
  timeoutMs: 300_000,
  async open(options, scope) {
    const names = ['B: a channel a room', 'Parley'] as const;
    const servers = await Promise.all(names.map((name) => openServers(name, 2, scope)));
    return servers.map((each) => burst(each, options));
  },
});
