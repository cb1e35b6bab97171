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

function refusal(who: string, verdict: Verdict): Reply {
  const detail = `Too many requests from this ${who}; try again in ${seconds(verdict.resetMs)} s.`;
  return problemReply('rate_limited', detail, {
    older: { success: false, error: detail },
    headers: { 'Retry-After': seconds(verdict.resetMs) },
  });
}

const dropCounters = new WeakMap<Metrics, ReturnType<typeof createDrops>>();

const createDrops = (metrics: Metrics) =>
  metrics.counter('rate_limit_drops_total', 'What rate limits refused', ['limit']);

/** The counter of what limits refused: one for all limits of a service. */
function dropsOf(metrics: Metrics): ReturnType<typeof createDrops> {
  let drops = dropCounters.get(metrics);
  if (!drops) dropCounters.set(metrics, (drops = createDrops(metrics)));
  return drops;
}

/** Two limits may hold for one answer: both fields are lists. */
function withHeaders(answer: Reply, limits: Record<string, string>): Reply {
  const headers: Record<string, string> = { ...answer.headers };
  for (const [name, value] of Object.entries(limits)) {
    headers[name] = headers[name] === undefined ? value : `${value}, ${headers[name]}`;
  }
  return { ...answer, headers };
}

/** Answers, unless too much was asked for a key: 429 then, and the state of the limit in every answer. */
export type HttpLimit = (key: string, handle: () => Promise<Reply> | Reply) => Promise<Reply>;

/**
 * Make a limit on requests in 10 s, over all instances (E1).
 * @param who what it counts by, for the client: `address`, `user`
 */
export function createHttpLimit(
  redis: RedisConnection,
  { name, perWindow, who }: { readonly name: string; readonly perWindow: number; readonly who: string },
  metrics: Metrics,
): HttpLimit {
  const drops = dropsOf(metrics);
  const limit = { name, limit: perWindow, windowMs: WINDOW_MS };
  const limiter = new SharedLimiter(redis, limit);
  return async (key, handle) => {
    const verdict = await limiter.take(key);
    if (!verdict.allowed) drops.inc({ limit: name });
    return withHeaders(
      verdict.allowed ? await handle() : refusal(who, verdict),
      limitHeaders(limit, verdict),
    );
  };
}

/**
 * Limit how often one client address may ask public routes. Without a limit the routes stay as they are, at no cost;
 * that nothing was refused is told all the same.
 */
export function rateLimited(
  routes: readonly Route[],
  redis: RedisConnection,
  { RATE_LIMIT_HTTP_PER_10S: perWindow }: HttpLimitConfig,
  metrics: Metrics,
): readonly Route[] {
  dropsOf(metrics);
  if (perWindow === 0) return routes;
  const limited = createHttpLimit(redis, { name: 'http-ip', perWindow, who: 'address' }, metrics);
  return routes.map((each) => ({
    ...each,
    handle: (request) => limited(ipLimitKey(request.ip), () => each.handle(request)),
  }));
}
