// What does a connection cost that says nothing?
import { runBench } from '../lib/run-bench.js';
import { Scope } from '../lib/scope.js';
import { connect, disconnect, newRoom } from './pairs.js';
import { openServers, residentBytes, type ServerName } from './servers.js';
import { settled } from './settled.js';

const CONNECTIONS = 10_000;
const SMOKE_CONNECTIONS = 200;
const AT_ONCE = 100;
/** Garbage of the connecting itself is collected meanwhile. */
const REST_MS = 3_000;

/** A new server each time: one that had connections before has room for new ones already. */
async function measure(name: ServerName, connections: number) {
  const scope = new Scope();
  try {
    const servers = await openServers(name, 1, scope);
    const [url = ''] = servers.urls;
    const [program] = servers.programs;
    if (!program) throw new Error('no server');
    const warm = await Promise.all(Array.from({ length: AT_ONCE }, () => connect(url, newRoom())));
    await settled(servers);
    const before = residentBytes(program);
    const sockets = [...warm];
    for (let i = 0; i < connections; i += AT_ONCE) {
      const rooms = Array.from({ length: AT_ONCE / 2 }, newRoom);
      sockets.push(...(await Promise.all([...rooms, ...rooms].map((room) => connect(url, room)))));
    }
    await settled(servers);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    const bytes = residentBytes(program) - before;
    await disconnect(sockets);
    return { 'bytes/connection': bytes / connections };
  } finally {
    await scope.close();
  }
}

await runBench({
  name: 'signaling-memory',
  question: 'bytes per idle connection, 10,000 in 5,000 rooms on one instance. Target: at most 1.1 × B',
  timeoutMs: 600_000,
  open({ smoke }) {
    const names = ['B: a channel a room', 'Parley'] as const;
    const connections = smoke ? SMOKE_CONNECTIONS : CONNECTIONS;
    return Promise.resolve(names.map((name) => ({ name, measure: () => measure(name, connections) })));
  },
});
