// What does an instance spend on rooms that it has no member in, and how many commands does Redis get?
import { Redis } from 'ioredis';
import type { Sample } from '../lib/alternate.js';
import { cpuMeter } from '../lib/cpu.js';
import { runBench } from '../lib/run-bench.js';
import { connectPairs, disconnect, socketsOf } from './pairs.js';
import { openServers, type ServerName, type Servers } from './servers.js';
import { settled } from './settled.js';

const MESSAGES = 100_000;
const SMOKE_MESSAGES = 1_000;
const PAIRS = 50;
const TEXT = '{"type":"control","action":"bench"}';

/** Commands that Redis executed so far, those of scripts as one each. */
async function commands(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  const calls = (name: string) =>
    Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
  return calls('evalsha') + calls('eval');
}

/** Pairs relay messages on the first `busy` instances; the last instance has nobody. */
async function measure(servers: Servers, busy: number, messages: number): Promise<Sample> {
  const redis = new Redis(servers.redis.url);
  const pairs = await connectPairs(servers.urls.slice(0, busy), PAIRS);
  await settled(servers);
  const used = cpuMeter([servers.programs.at(-1)?.pid ?? 0]);
  const before = await commands(redis);
  let received = 0;
  await new Promise<void>((resolve) => {
    for (const { b } of pairs) b.on('message', () => (received += 1) >= messages && resolve());
    for (let n = 0; n < messages; n += 1) pairs[n % pairs.length]?.a.send(TEXT);
  });
  await settled(servers);
  const sample = {
    'CPU ms of the bystander': used(),
    'scripts/message': ((await commands(redis)) - before) / messages,
  };
  redis.disconnect();
  await disconnect(socketsOf(pairs));
  return sample;
}

await runBench({
  name: 'signaling-bystander',
  question:
    'CPU of an instance without members while others relay 100,000 messages, and scripts a message. Target: 0, and 0 on one instance',
  timeoutMs: 300_000,
  async open({ smoke }, scope) {
    const parley: ServerName = 'Parley';
    const messages = smoke ? SMOKE_MESSAGES : MESSAGES;
    const [one, two] = await Promise.all([openServers(parley, 2, scope), openServers(parley, 3, scope)]);
    return [
      { name: 'pairs on one instance', measure: () => measure(one, 1, messages) },
      { name: 'pairs across two instances', measure: () => measure(two, 2, messages) },
    ];
  },
});
