// How fast do rooms fill?
import type { WebSocket } from 'ws';
import type { Sample } from '../lib/alternate.js';
import { runBench } from '../lib/run-bench.js';
import { connect, disconnect, newRoom, untilHeard } from './pairs.js';
import { openServers, type Servers } from './servers.js';
import { settled } from './settled.js';

const ROOMS = 2_000;
const SMOKE_ROOMS = 20;
const AT_ONCE = 64;
const PROBE_MS = 50;

/** A room counts once its members heard of each other. */
async function joinRoom(urls: readonly string[]): Promise<WebSocket[]> {
  const room = newRoom();
  const a = await connect(urls[0] ?? '', room);
  const b = await connect(urls.at(-1) ?? '', room);
  await untilHeard(b, a, PROBE_MS);
  return [a, b];
}

async function measure(servers: Servers, rooms: number): Promise<Sample> {
  const sockets: WebSocket[] = [];
  let left = rooms;
  const startedAt = performance.now();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      sockets.push(...(await joinRoom(servers.urls)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const doneAt = performance.now();
  const tookMs = Math.max(doneAt, await settled(servers)) - startedAt;
  await disconnect(sockets);
  await settled(servers);
  return { 'joins/s': (rooms * 2 * 1_000) / tookMs };
}

await runBench({
  name: 'signaling-joins',
  question: '2,000 rooms × 2 joins as fast as possible, on two instances. Target: at least 0.8 × B',
  timeoutMs: 300_000,
  async open({ smoke }, scope) {
    const names = ['B: a channel a room', 'Parley'] as const;
    const servers = await Promise.all(names.map((name) => openServers(name, 2, scope)));
    const rooms = smoke ? SMOKE_ROOMS : ROOMS;
    return servers.map((each) => ({ name: each.name, measure: () => measure(each, rooms) }));
  },
});
