// How long after its host's TTL is each of 1,000 rooms of a dead host on another one?
import { setTimeout as delay } from 'node:timers/promises';
import type { Contender, Sample } from '../lib/alternate.js';
import { HttpConnection, postRequest } from '../lib/http-connection.js';
import { serviceMain, startProgram } from '../lib/program.js';
import { openRedis } from '../lib/redis.js';
import { runBench } from '../lib/run-bench.js';
import { heartbeat, HOST_SECRET, type GameServer } from './hosts.js';

const HOST_TTL_MS = 2_000;
const BEAT_MS = 500;
const POLL_MS = 10;
const GIVE_UP_MS = 20_000;
const CLIENTS = 40;
const OTHERS = 10;

interface Made {
  readonly roomId: string;
  readonly ownerToken: string;
}

interface Ports {
  readonly gateways: readonly [number, number];
  readonly matchmaker: number;
}

/** Ask for each item, several at a time; answers in the order of the items. */
async function each<T, Item>(items: readonly Item[], ask: (item: Item) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  let at = 0;
  const worker = async () => {
    for (let i = at++; i < items.length; i = at++) answers[i] = await ask(items[i] as Item);
  };
  await Promise.all(Array.from({ length: CLIENTS }, worker));
  return answers;
}

async function createRooms(port: number, region: string, count: number): Promise<Made[]> {
  const request = postRequest('/api/rooms', { region });
  const made: Made[] = [];
  const client = async () => {
    const connection = new HttpConnection(port);
    await connection.open();
    for (let left = count / CLIENTS; left > 0; left--) {
      const { status, body } = await connection.send(request);
      if (status !== 201) throw new Error(`unexpected answer: ${status} ${body}`);
      made.push(JSON.parse(body) as Made);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return made;
}

async function get<T>(port: number, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  if (!response.ok) throw new Error(`unexpected answer to ${path}: ${response.status}`);
  return (await response.json()) as T;
}

const migrations = async (port: number) =>
  (await get<{ migrations: number }>(port, '/api/overview')).migrations;

/** When how many rooms had moved: milliseconds after the host counted as gone, and the number so far. */
async function watch(port: number, goneAt: number, count: number): Promise<[number, number][]> {
  const before = await migrations(port);
  const curve: [number, number][] = [];
  for (let moved = 0; moved < count; await delay(POLL_MS)) {
    moved = (await migrations(port)) - before;
    const atMs = performance.now() - goneAt;
    if (moved > (curve.at(-1)?.[1] ?? 0)) curve.push([atMs, moved]);
    if (atMs > GIVE_UP_MS) throw new Error(`after ${GIVE_UP_MS} ms only ${moved} rooms had moved`);
  }
  return curve;
}

function sampleOf(curve: readonly [number, number][], count: number): Sample {
  const reached = (share: number) => curve.find(([, moved]) => moved >= share * count)?.[0] ?? NaN;
  return {
    firstMs: curve[0]?.[0] ?? NaN,
    tenthMs: reached(0.1),
    halfMs: reached(0.5),
    ninetyPercentMs: reached(0.9),
    allMs: reached(1),
  };
}

async function measure({ gateways, matchmaker }: Ports, round: number, count: number): Promise<Sample> {
  const region = `region-${round}`;
  const doomed = { hostId: `doomed-${round}`, region, capacity: count };
  await heartbeat(matchmaker, [doomed]);
  const made = await createRooms(gateways[0], region, count);
  const rooms = made.map(({ roomId }) => ({ roomId, players: 1 }));
  const others: GameServer[] = Array.from({ length: OTHERS }, (_, i) => ({
    hostId: `other-${round}-${i}`,
    region,
    capacity: Math.ceil((1.2 * count) / OTHERS),
  }));
  await heartbeat(matchmaker, others);
  const beats = setInterval(() => void heartbeat(matchmaker, others).catch(() => undefined), BEAT_MS);
  try {
    // The last that is heard of the host; its TTL counts from before it said so, which can only make us look slower.
    const goneAt = performance.now() + HOST_TTL_MS;
    await heartbeat(matchmaker, [{ ...doomed, rooms }]);
    const curve = await watch(gateways[1], goneAt, count);
    const found = await each(made, ({ roomId }) =>
      get<{ hostId: string }>(gateways[1], `/api/rooms/${roomId}`),
    );
    const left = found.filter(({ hostId }) => !hostId.startsWith(`other-${round}-`)).length;
    if (left > 0) throw new Error(`${left} rooms are on no other host`);
    return sampleOf(curve, count);
  } finally {
    clearInterval(beats);
    await each(made, ({ roomId, ownerToken }) =>
      fetch(`http://127.0.0.1:${gateways[0]}/api/rooms/${roomId}`, {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${ownerToken}` },
      }),
    );
  }
}

await runBench({
  name: 'gateway-migration',
  question:
    '1,000 rooms of a dead host, two gateways, ten other hosts: ms after its TTL until so many are placed. Target: all within 2,000 ms',
  timeoutMs: 180_000,
  async open({ smoke }, scope) {
    const redis = await openRedis(scope);
    const env = {
      HOST_SECRET,
      SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:3002',
      HOST_TTL_SECONDS: String(HOST_TTL_MS / 1_000),
      REDIS_URL: redis.url,
    };
    const start = async (name: 'gateway' | 'matchmaker') => {
      const program = await startProgram(serviceMain(name), env);
      scope.onClose(program.stop);
      return program.port;
    };
    const ports: Ports = {
      gateways: [await start('gateway'), await start('gateway')],
      matchmaker: await start('matchmaker'),
    };
    // A multiple of the clients that create them.
    const count = smoke ? 2 * CLIENTS : 1_000;
    let round = 0;
    const parley: Contender = { name: 'Parley', measure: () => measure(ports, round++, count) };
    return [parley];
  },
});
