// Does a match among many hosts take longer than one among few?
import type { Contender } from '../lib/alternate.js';
import { cpuMeter } from '../lib/cpu.js';
import { postRequest } from '../lib/http-connection.js';
import { HttpLoad } from '../lib/http-load.js';
import { runBench } from '../lib/run-bench.js';
import type { Scope } from '../lib/scope.js';
import { percentile } from '../lib/statistics.js';
import { register } from './hosts.js';
import { openServer } from './servers.js';

const REGION = 'eu-west';

/** One client that asks for one match after the other: what is measured is latency, not throughput. */
async function poolOf(hosts: number, windowMs: number, scope: Scope): Promise<Contender> {
  const { program, redis } = await openServer('Parley', scope);
  await register(program.port, hosts, [REGION]);
  const find = postRequest('/api/match/find', { region: REGION });
  return {
    name: `${hosts.toLocaleString('en-US')} hosts`,
    async measure() {
      const load = await HttpLoad.open(program.port, 1);
      const redisCpuMs = cpuMeter([redis.pid]);
      const { latenciesMs } = await load.run(windowMs, () => find);
      load.close();
      return {
        p50Ms: percentile(latenciesMs, 0.5),
        p99Ms: percentile(latenciesMs, 0.99),
        redisCpuMicros: (redisCpuMs() * 1_000) / latenciesMs.length,
      };
    },
  };
}

await runBench({
  name: 'matchmaker-pool-size',
  question: 'latency of one match among 100 and among 50,000 hosts of one region. Target: at most 1.3 ×',
  async open({ smoke, windowMs }, scope) {
    return [await poolOf(100, windowMs, scope), await poolOf(smoke ? 500 : 50_000, windowMs, scope)];
  },
});
