// How many rooms can be created and joined a second, and for how much CPU, beside the least that it could cost?
import { fileURLToPath } from 'node:url';
import type { Contender } from '../lib/alternate.js';
import { cpuMeter } from '../lib/cpu.js';
import { HttpConnection, postRequest } from '../lib/http-connection.js';
import { serviceMain, startProgram, type Program } from '../lib/program.js';
import { openRedis, type BenchRedis } from '../lib/redis.js';
import { runBench } from '../lib/run-bench.js';
import type { Scope } from '../lib/scope.js';
import { percentile } from '../lib/statistics.js';
import { heartbeat, HOST_SECRET } from './hosts.js';

const CLIENTS = 64;
const REGION = 'eu-west';
const CREATE = postRequest('/api/rooms', { region: REGION, maxPlayers: 4 });
const SETTINGS = {
  HOST_SECRET,
  SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:3002',
  // Hosts register once; rooms end as fast as they are made, so that what is measured stays as it is.
  HOST_TTL_SECONDS: '3600',
  ROOM_TTL_SECONDS: '5',
};

interface Server {
  readonly program: Program;
  readonly redis: BenchRedis;
}

async function openReference(scope: Scope): Promise<Server> {
  const redis = await openRedis(scope);
  const main = fileURLToPath(new URL('reference-a.js', import.meta.url));
  const program = await startProgram(main, { REDIS_URL: redis.url });
  scope.onClose(program.stop);
  return { program, redis };
}

async function openGateway(scope: Scope, hosts: number): Promise<Server> {
  const redis = await openRedis(scope);
  const env = { ...SETTINGS, REDIS_URL: redis.url };
  const matchmaker = await startProgram(serviceMain('matchmaker'), env);
  const servers = Array.from({ length: hosts }, (_, i) => `host-${i}`);
  await heartbeat(
    matchmaker.port,
    servers.map((hostId) => ({ hostId, region: REGION, capacity: 10_000 })),
  );
  await matchmaker.stop();
  const program = await startProgram(serviceMain('gateway'), env);
  scope.onClose(program.stop);
  return { program, redis };
}

/** A client that creates a room and joins it, again and again. Answers how long each pair took (ms). */
async function play(port: number, until: number): Promise<number[]> {
  const connection = new HttpConnection(port);
  await connection.open();
  const pairsMs: number[] = [];
  for (let startedAt = performance.now(); startedAt < until; startedAt = performance.now()) {
    const created = await connection.send(CREATE);
    if (created.status !== 201) throw new Error(`unexpected answer: ${created.status} ${created.body}`);
    const { roomId } = JSON.parse(created.body) as { roomId: string };
    const joined = await connection.send(postRequest(`/api/rooms/${roomId}/join`, {}));
    if (joined.status !== 200) throw new Error(`unexpected answer: ${joined.status} ${joined.body}`);
    pairsMs.push(performance.now() - startedAt);
  }
  connection.close();
  return pairsMs;
}

function contender(name: string, { program, redis }: Server, windowMs: number): Contender {
  return {
    name,
    async measure() {
      const [serverCpuMs, redisCpuMs, ownCpuMs] = [program.pid, redis.pid, process.pid].map((pid) =>
        cpuMeter([pid]),
      ) as [() => number, () => number, () => number];
      const startedAt = performance.now();
      const clients = Array.from({ length: CLIENTS }, () => play(program.port, startedAt + windowMs));
      const pairsMs = (await Promise.all(clients)).flat();
      const elapsedMs = performance.now() - startedAt;
      return {
        pairsPerSecond: (pairsMs.length * 1_000) / elapsedMs,
        serverCpuMicros: (serverCpuMs() * 1_000) / pairsMs.length,
        redisCpuMicros: (redisCpuMs() * 1_000) / pairsMs.length,
        p50Ms: percentile(pairsMs, 0.5),
        p99Ms: percentile(pairsMs, 0.99),
        loaderBusy: ownCpuMs() / elapsedMs,
      };
    },
  };
}

await runBench({
  name: 'gateway-create-join',
  question: 'create+join pairs/s: 64 clients, 1,000 game servers in one region. Target: at least 1.0 × A',
  async open({ smoke, windowMs }, scope) {
    const reference = await openReference(scope);
    const gateway = await openGateway(scope, smoke ? 40 : 1_000);
    return [contender('A: express', reference, windowMs), contender('Parley', gateway, windowMs)];
  },
});
