import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Contender, Sample } from '../lib/alternate.js';
import { cpuMeter } from '../lib/cpu.js';
import type { BenchOptions } from '../lib/options.js';
import { disconnect, newRoom } from '../signaling/pairs.js';
import type { Servers } from '../signaling/servers.js';

const PAIRS = 200;
const SMOKE_PAIRS = 5;
const PAIRS_AT_ONCE = 50;
const OFFER = JSON.stringify({ type: 'offer', sdp: 'v=0\r\n'.padEnd(1_080, 'x') });

/** Members answer each other's offers, and nothing else that they are told. */
const isOffer = (data: Buffer) => data.includes('"type":"offer"');

async function join(url: string, dialect: 'plain' | 'parley.v1', roomId: string): Promise<WebSocket> {
  const protocols = dialect === 'plain' ? [] : [dialect];
  const socket = new WebSocket(`${url}/?roomId=${roomId}`, protocols, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  const refused = once(socket, 'close').then(([code, reason]) => {
    throw new Error(`closed before it was in its room: ${code} ${reason}`);
  });
  await Promise.race([once(socket, dialect === 'plain' ? 'open' : 'message'), refused]);
  refused.catch(() => {});
  return socket;
}

async function joinPair(urls: readonly string[], dialect: 'plain' | 'parley.v1'): Promise<WebSocket[]> {
  const room = newRoom();
  const pair = [await join(urls[0] ?? '', dialect, room), await join(urls.at(-1) ?? '', dialect, room)];
  for (const socket of pair) socket.on('message', (data: Buffer) => isOffer(data) && socket.send(OFFER));
  return pair;
}

async function joinPairs(urls: readonly string[], dialect: 'plain' | 'parley.v1', count: number) {
  const sockets: WebSocket[][] = [];
  while (sockets.length < count) {
    const some = Math.min(PAIRS_AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => joinPair(urls, dialect)))));
  }
  return sockets;
}

/** Pairs that speak one dialect and each send a 1.1 KB offer back and forth. */
export function inDialect(
  dialect: 'plain' | 'parley.v1',
  { urls, programs, redis }: Servers,
  { smoke, windowMs }: BenchOptions,
): Contender {
  const measure = async (): Promise<Sample> => {
    const pairs = await joinPairs(urls, dialect, smoke ? SMOKE_PAIRS : PAIRS);
    let delivered = 0;
    for (const socket of pairs.flat()) socket.on('message', () => (delivered += 1));
    for (const [first] of pairs) first?.send(OFFER);
    await new Promise((resolve) => setTimeout(resolve, windowMs / 2));
    const servers = cpuMeter(programs.map(({ pid }) => pid));
    const store = cpuMeter([redis.pid]);
    const [startedAt, before] = [performance.now(), delivered];
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    const count = delivered - before;
    const rate = (count * 1_000) / (performance.now() - startedAt);
    const usPer = (ms: number) => (ms * 1_000) / count;
    const sample = {
      'messages/s': rate,
      'µs server': usPer(servers()),
      'µs Redis': usPer(store()),
    };
    await disconnect(pairs.flat());
    return sample;
  };
  return { name: dialect, measure };
}
