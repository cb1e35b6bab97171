import type { Contender, Sample } from '../lib/alternate.js';
import type { BenchOptions } from '../lib/options.js';
import { connectPairs, disconnect, socketsOf, type Pair } from './pairs.js';
import type { Servers } from './servers.js';
import { settled } from './settled.js';

const PAIRS = 100;
const SMOKE_PAIRS = 5;
const CANDIDATES = 200;
const ROUNDS = 10;

const TEXTS = Array.from({ length: CANDIDATES }, (_, n) =>
  JSON.stringify({
    type: 'candidate',
    candidate: `candidate:${n} 1 udp 2122260223 192.168.1.${n % 256} ${50_000 + n} typ host generation 0`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  }),
);

/** Pairs that each send 200 candidates at once; none may be lost or out of order. */
export function burst(servers: Servers, options: BenchOptions): Contender {
  return { name: servers.name, measure: () => measure(servers, options) };
}

async function measure(servers: Servers, { smoke }: BenchOptions): Promise<Sample> {
  const pairs = await connectPairs(servers.urls, smoke ? SMOKE_PAIRS : PAIRS);
  const rounds = smoke ? 1 : ROUNDS;
  await settled(servers);
  let totalMs = 0;
  for (let round = 0; round < rounds; round += 1) totalMs += await oneBurst(servers, pairs);
  await disconnect(socketsOf(pairs));
  return { 'messages/s': (pairs.length * CANDIDATES * rounds * 1_000) / totalMs };
}

/** @returns ms, until nothing was left to do */
async function oneBurst(servers: Servers, pairs: readonly Pair[]): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(pairs.map(sendAll));
  const deliveredAt = performance.now();
  return Math.max(deliveredAt, await settled(servers)) - startedAt;
}

function sendAll({ a, b }: Pair): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    b.removeAllListeners('message');
    b.on('message', (data: Buffer) => {
      if (data.toString() !== TEXTS[next]) reject(new Error(`candidate ${next} is lost or out of order`));
      next += 1;
      if (next === TEXTS.length) resolve();
    });
    for (const text of TEXTS) a.send(text);
  });
}
