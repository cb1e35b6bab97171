// How fast do pairs talk on one instance, beside a relay that does nothing else?
import { runBench } from '../lib/run-bench.js';
import { pingPong } from './ping-pong.js';
import { openServers } from './servers.js';

await runBench({
  name: 'signaling-ping-pong-one',
  question: '200 pairs ping-pong a 1.1 KB offer on one instance. Target: at least 0.8 × A',
  timeoutMs: 300_000,
  async open(options, scope) {
    const names = ['A: in memory', 'Parley'] as const;
    const servers = await Promise.all(names.map((name) => openServers(name, 1, scope)));
    return servers.map((each) => pingPong(each, options));
  },
});
