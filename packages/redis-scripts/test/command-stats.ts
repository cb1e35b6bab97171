import type { RedisConnection } from '../src/index.js';

/** What Redis ran since the statistics were reset: how often each command, and how long all scripts took (µs). */
export async function commandStats(
  redis: RedisConnection,
): Promise<{ calls: Record<string, number>; scriptsUs: number }> {
  const text = await redis.command('info', (client) => client.info('commandstats'));
  const lines = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)];
  const own = /^(info|config)/;
  const calls = lines
    .filter(([, name = '']) => !own.test(name))
    .map(([, name, count]) => [name, Number(count)]);
  const scripts = lines.filter(([, name]) => name === 'evalsha' || name === 'eval');
  return {
    calls: Object.fromEntries(calls) as Record<string, number>,
    scriptsUs: scripts.reduce((sum, [, , , us]) => sum + Number(us), 0),
  };
}

export async function resetStats(redis: RedisConnection): Promise<void> {
  await redis.command('reset', (client) => client.config('RESETSTAT'));
}
