import type { Contender, Sample } from '../lib/alternate.js';
import type { BenchOptions } from '../lib/options.js';
import { connectPairs, disconnect, socketsOf } from './pairs.js';
import type { Servers } from './servers.js';

const PAIRS = 200;
const SMOKE_PAIRS = 5;
const OFFER = JSON.stringify({ type: 'offer', sdp: 'v=0\r\n'.padEnd(1_080, 'x') });

/** Pairs that each send a 1.1 KB offer back and forth. */
export function pingPong(servers: Servers, options: BenchOptions): Contender {
  return { name: servers.name, measure: () => measure(servers, options) };
}

async function measure({ urls }: Servers, { smoke, windowMs }: BenchOptions): Promise<Sample> {
  const pairs = await connectPairs(urls, smoke ? SMOKE_PAIRS : PAIRS);
  let delivered = 0;
  for (const socket of socketsOf(pairs)) {
    socket.on('message', () => {
      delivered += 1;
      socket.send(OFFER);
    });
  }
  for (const { a } of pairs) a.send(OFFER);
  await new Promise((resolve) => setTimeout(resolve, windowMs / 2));
  const [startedAt, before] = [performance.now(), delivered];
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const rate = ((delivered - before) * 1_000) / (performance.now() - startedAt);
  await disconnect(socketsOf(pairs));
  return { 'messages/s': rate };
}
