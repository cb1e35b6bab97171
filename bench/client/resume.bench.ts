// How long after a SIGKILL of its instance is a client of the SDK back in its room, with nothing missed?
import { connect, type Session, type Welcome } from '@parley/client';
import { WebSocket } from 'ws';
import type { Sample } from '../lib/alternate.js';
import { serviceMain, startProgram, type Program } from '../lib/program.js';
import { openRedis } from '../lib/redis.js';
import { runBench } from '../lib/run-bench.js';
import { median, percentile } from '../lib/statistics.js';
import { newRoom } from '../signaling/pairs.js';

const CLIENTS = 50;
const SMOKE_CLIENTS = 4;

const urlOf = ({ port }: Program) => `ws://127.0.0.1:${port}`;

async function join(roomId: string, signalingUrl: readonly string[]): Promise<Session> {
  const session = connect({ roomId, signalingUrl }, { WebSocket });
  await new Promise((resolve) => session.once('welcome', resolve));
  return session;
}

/** Resolves with the next welcome, and with when it came. */
function nextWelcome(session: Session): Promise<{ welcome: Welcome; at: number }> {
  return new Promise((resolve) =>
    session.once('welcome', (welcome) => resolve({ welcome, at: performance.now() })),
  );
}

/** Pairs over both instances, one of which is killed. */
async function measure(victim: Program, other: Program, clients: number): Promise<Sample> {
  const kept: Session[] = [];
  const moved: Session[] = [];
  for (let i = 0; i < clients; i++) {
    const room = newRoom();
    kept.push(await join(room, [urlOf(other)]));
    moved.push(await join(room, [urlOf(victim), urlOf(other)]));
  }
  const returns = moved.map(nextWelcome);
  const killedAt = performance.now();
  process.kill(victim.pid, 'SIGKILL');
  const back = await Promise.all(returns);
  for (const session of [...kept, ...moved]) session.close();
  const tookMs = back.map(({ at }) => at - killedAt);
  const complete = back.filter(({ welcome }) => welcome.recovered).length;
  return {
    medianMs: median(tookMs),
    p99Ms: percentile(tookMs, 0.99),
    'recovered %': (100 * complete) / clients,
  };
}

await runBench({
  name: 'client-resume',
  question:
    'time from SIGKILL of an instance until each of 50 of its clients is back in its room on the other one',
  timeoutMs: 300_000,
  async open({ smoke }, scope) {
    const redis = await openRedis(scope);
    const env = {
      REDIS_URL: redis.url,
      RATE_LIMIT_CONN_PER_10S: '1000000',
      RATE_LIMIT_IP_MSGS_PER_10S: '1000000',
    };
    const start = async () => {
      const program = await startProgram(serviceMain('signaling'), env);
      scope.onClose(program.stop);
      return program;
    };
    const other = await start();
    const clients = smoke ? SMOKE_CLIENTS : CLIENTS;
    return [{ name: 'SDK', measure: async () => measure(await start(), other, clients) }];
  },
});
