import { serviceMain, startProgram } from '../lib/program.js';
import { openRedis } from '../lib/redis.js';
import type { Scope } from '../lib/scope.js';
import { OWN_STACK } from './options.js';

/** Where what is simulated goes. */
export interface Target {
  /** Requests are spread over all of them. */
  readonly matchmakerUrls: readonly string[];
  /** None: game servers only. */
  readonly signalingUrl?: string;
}

const MATCHMAKERS = 2;

/** All that is simulated comes from one address, and that is no attack. */
const NO_LIMITS = {
  RATE_LIMIT_CONN_PER_10S: '1000000',
  RATE_LIMIT_IP_MSGS_PER_10S: '1000000',
};

/** A stack of our own on loopback: Redis, two matchmakers, signaling. It ends with the scope. */
export async function openStack(scope: Scope): Promise<Target> {
  const redis = await openRedis(scope);
  const env = {
    REDIS_URL: redis.url,
    HOST_SECRET: OWN_STACK.hostSecret,
    HOST_TTL_SECONDS: String(OWN_STACK.hostTtlSeconds),
    LEASE_TTL_SECONDS: String(OWN_STACK.leaseTtlSeconds),
    REAP_INTERVAL_MS: '1000',
  };
  const signaling = await startProgram(serviceMain('signaling'), { ...env, ...NO_LIMITS });
  scope.onClose(signaling.stop);
  const signalingUrl = `ws://127.0.0.1:${signaling.port}`;
  const matchmakers = await Promise.all(
    Array.from({ length: MATCHMAKERS }, async () => {
      const program = await startProgram(serviceMain('matchmaker'), {
        ...env,
        SIGNALING_PUBLIC_URL: signalingUrl,
      });
      scope.onClose(program.stop);
      return program;
    }),
  );
  return { matchmakerUrls: matchmakers.map(({ port }) => `http://127.0.0.1:${port}`), signalingUrl };
}
