import type { Cluster, Redis } from 'ioredis';

/** What there is to see of Redis from one service. */
export interface RedisSight {
  /** What the settings say that it is. */
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  /** What the server that answered calls itself; of a Cluster any one. Null when it did not say. */
  readonly role: 'master' | 'replica' | null;
  /** Time of one PING in milliseconds; null when there was no answer. */
  readonly latencyMs: number | null;
  readonly circuit: 'open' | 'closed';
}

type Seen = Pick<RedisSight, 'role' | 'latencyMs'>;

async function ask(client: Redis | Cluster, seen: { -readonly [K in keyof Seen]: Seen[K] }): Promise<void> {
  const startedAt = performance.now();
  await client.ping();
  seen.latencyMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
  // A user of Redis that may not ask for the role can be told the rest.
  const [role] = await client.role();
  seen.role = role === 'slave' ? 'replica' : role === 'master' ? 'master' : null;
}

/** Ask a client how Redis is. Answers what is known after `timeoutMs` at the latest; never throws. */
export async function lookAt(client: Redis | Cluster, timeoutMs: number): Promise<Seen> {
  const seen: { -readonly [K in keyof Seen]: Seen[K] } = { role: null, latencyMs: null };
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    void ask(client, seen)
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
  return { ...seen };
}
