// How many matches a second, and for how much CPU each, beside the least that a match could cost?
import { postRequest } from '../lib/http-connection.js';
import { runBench } from '../lib/run-bench.js';
import { REGIONS, register } from './hosts.js';
import { loadContender } from './load-contender.js';
import { openServer, SERVERS } from './servers.js';

await runBench({
  name: 'matchmaker-match',
  question:
    'matches/s and CPU per match: 64 clients, 1,000 hosts in 4 regions. Target: at least A, aim for B (2.8 × A)',
  async open({ smoke, windowMs }, scope) {
    const finds = REGIONS.map((region) => postRequest('/api/match/find', { region }));
    let asked = 0;
    const next = () => finds[asked++ % finds.length] as Buffer;
    const servers = await Promise.all(SERVERS.map((name) => openServer(name, scope)));
    for (const { program } of servers) await register(program.port, smoke ? 40 : 1_000);
    return servers.map((server) => loadContender(server, windowMs, next));
  },
});
