import type { Contender } from '../lib/alternate.js';
import { cpuMeter } from '../lib/cpu.js';
import { HttpLoad } from '../lib/http-load.js';
import { percentile } from '../lib/statistics.js';
import type { MatchServer } from './servers.js';

const CLIENTS = 64;

/**
 * Load a server with 64 kept-alive clients. Measured are answers a second; CPU of the server's process and of its Redis
 * for each answer (µs); latency (ms); and how busy the load generator was (1 = a whole core), which must stay well
 * below 1, or it is what was measured.
 */
export function loadContender(
  { name, program, redis }: MatchServer,
  windowMs: number,
  next: () => Buffer,
): Contender {
  return {
    name,
    async measure() {
      // Anew each time: a server closes connections that were idle while the others were measured.
      const load = await HttpLoad.open(program.port, CLIENTS);
      const serverCpuMs = cpuMeter([program.pid]);
      const redisCpuMs = cpuMeter([redis.pid]);
      const ownCpuMs = cpuMeter([process.pid]);
      const { answers, elapsedMs, latenciesMs } = await load.run(windowMs, next);
      load.close();
      return {
        perSecond: (answers * 1_000) / elapsedMs,
        serverCpuMicros: (serverCpuMs() * 1_000) / answers,
        redisCpuMicros: (redisCpuMs() * 1_000) / answers,
        p50Ms: percentile(latenciesMs, 0.5),
        p99Ms: percentile(latenciesMs, 0.99),
        loaderBusy: ownCpuMs() / elapsedMs,
      };
    },
  };
}
