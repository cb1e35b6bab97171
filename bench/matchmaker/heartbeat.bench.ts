// How many heartbeats a second, and for how much CPU each, beside the least that a heartbeat could cost?
import { runBench } from '../lib/run-bench.js';
import { heartbeatRequest, register } from './hosts.js';
import { loadContender } from './load-contender.js';
import { openServer, SERVERS } from './servers.js';

await runBench({
  name: 'matchmaker-heartbeat',
  question:
    'heartbeats/s and CPU per heartbeat: 64 connections, 1,000 hosts in 4 regions. Target: at least A, aim for B',
  async open({ smoke, windowMs }, scope) {
    const hosts = smoke ? 40 : 1_000;
    const beats = Array.from({ length: hosts }, (_, host) => heartbeatRequest(host));
    let sent = 0;
    const next = () => beats[sent++ % beats.length] as Buffer;
    const servers = await Promise.all(SERVERS.map((name) => openServer(name, scope)));
    for (const { program } of servers) await register(program.port, hosts);
    return servers.map((server) => loadContender(server, windowMs, next));
  },
});
