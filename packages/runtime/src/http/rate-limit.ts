import type { HttpLimitConfig } from '@parley/config';
import { SharedLimiter, type Limit, type RedisConnection, type Verdict } from '@parley/redis-scripts';
import type { Metrics } from '../observe/metrics.js';
import { ipLimitKey } from './client-ip.js';
import { problemReply, type Reply } from './reply.js';
import type { Route } from './route.js';

const WINDOW_MS = 10_000;

const seconds = (ms: number) => String(Math.max(1, Math.ceil(ms / 1_000)));

/** `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10. */
function limitHeaders({ name, limit, windowMs }: Limit, verdict: Verdict): Record<string, string> {
  return {
    'RateLimit-Policy': `"${name}";q=${limit};w=${seconds(windowMs)}`,
    RateLimit: `"${name}";r=${Math.max(0, verdict.remaining)};t=${seconds(verdict.resetMs)}`,
  };
}

function refusal(verdict: Verdict): Reply {
  const detail = `Too many requests from this address; try again in ${seconds(verdict.resetMs)} s.`;
  return problemReply('rate_limited', detail, {
    older: { success: false, error: detail },
    headers: { 'Retry-After': seconds(verdict.resetMs) },
  });
}

/**
 * Limit how often one client address may ask public routes, over all instances (E1): 429 beyond it, and the state of
 * the limit in every answer. Without a limit the routes stay as they are, at no cost.
 */
export function rateLimited(
  routes: readonly Route[],
  redis: RedisConnection,
  { RATE_LIMIT_HTTP_PER_10S }: HttpLimitConfig,
  metrics: Metrics,
): readonly Route[] {
  if (RATE_LIMIT_HTTP_PER_10S === 0) return routes;
  const limit = { name: 'http-ip', limit: RATE_LIMIT_HTTP_PER_10S, windowMs: WINDOW_MS };
  const limiter = new SharedLimiter(redis, limit);
  const drops = metrics.counter('rate_limit_drops_total', 'What rate limits refused', ['limit']);
  return routes.map((each) => ({
    ...each,
    async handle(request) {
      const verdict = await limiter.take(ipLimitKey(request.ip));
      if (!verdict.allowed) drops.inc({ limit: limit.name });
      const answer = verdict.allowed ? await each.handle(request) : refusal(verdict);
      return { ...answer, headers: { ...answer.headers, ...limitHeaders(limit, verdict) } };
    },
  }));
}
