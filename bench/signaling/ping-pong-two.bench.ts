// How fast do pairs talk across two instances, beside one PUBLISH a message?
import { runBench } from '../lib/run-bench.js';
import { pingPong } from './ping-pong.js';
import { openServers } from './servers.js';

await runBench({
  name: 'signaling-ping-pong-two',
  question: '200 pairs ping-pong a 1.1 KB offer across two instances. Target: at least 0.9 × B',
  timeoutMs: 300_000,
  async open(options, scope) {
    const names = ['B: a channel a room', 'Parley'] as const;
    const servers = await Promise.all(names.map((name) => openServers(name, 2, scope)));
    return servers.map((each) => pingPong(each, options));
  },
});
