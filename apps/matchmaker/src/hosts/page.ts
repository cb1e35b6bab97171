import type { ListedHost, PoolStore } from '@parley/redis-scripts';
import { problemReply, reply, type Reply, type Route, type Guard } from '@parley/runtime';
import { z } from 'zod';

/** Most hosts of one answer, and as many as a list without `limit` shows. */
const HOSTS_MAX = 1_000;

const query = z.object({
  limit: z.coerce.number().int().min(1).max(HOSTS_MAX).default(HOSTS_MAX),
  cursor: z.string().min(1).max(1_000).optional(),
});

function badQuery(path: string, message: string): Reply {
  const issues = [{ path, message, code: 'custom' }];
  return problemReply('validation_failed', `${path}: ${message}`, {
    older: { success: false, error: 'Validation failed', issues },
  });
}

/** What one list shows of each host. */
interface HostList<Shown extends z.ZodType> {
  readonly path: string;
  readonly summary: string;
  readonly shown: Shown;
  readonly show: (host: ListedHost) => z.output<Shown>;
}

/**
 * A list of living hosts. Without a query it is a plain array of up to 1,000, as it always was, and a header `Link`
 * names the next page if there are more; asked with `limit` or `cursor` it is `{hosts, cursor?}`.
 */
export function hostListRoute<Shown extends z.ZodType>(
  { path, summary, shown, show }: HostList<Shown>,
  pool: PoolStore,
  guard: Guard,
): Route {
  return {
    method: 'GET',
    path,
    docs: {
      summary,
      answer: z.union([z.array(shown), z.object({ hosts: z.array(shown), cursor: z.string().optional() })]),
      bearer: 'ADMIN_TOKEN',
      problems: ['validation_failed', 'unauthorized', 'forbidden'],
    },
    async handle(request) {
      const refused = guard(request);
      if (refused) return refused;
      const asked = query.safeParse(Object.fromEntries(request.query));
      if (!asked.success) {
        const [issue] = asked.error.issues;
        return badQuery(String(issue?.path[0]), issue?.message ?? 'not valid');
      }
      const page = await pool.listHosts(asked.data);
      if (!page) return badQuery('cursor', 'is not one that this list gave out');
      const hosts = page.hosts.map(show);
      if (request.query.has('limit') || request.query.has('cursor')) {
        return reply(200, { hosts, ...(page.cursor && { cursor: page.cursor }) });
      }
      const next = page.cursor && `<${path}?limit=${HOSTS_MAX}&cursor=${page.cursor}>; rel="next"`;
      return reply(200, hosts, next ? { Link: next } : undefined);
    },
  };
}
