import type { AuthConfig, UserLimitConfig } from '@parley/config';
import type { RedisConnection } from '@parley/redis-scripts';
import { createHttpLimit, type HttpLimit, type Metrics, type Route } from '@parley/runtime';
import { createAdmission } from './admit.js';

const PROBLEMS = ['unauthorized', 'forbidden', 'auth_unavailable'] as const;

/**
 * Let only users ask routes, and each of them only so often; the routes hear who it is. With `ENABLE_AUTH` off they stay
 * as they are, at no cost.
 */
export function forUsers(
  routes: readonly Route[],
  redis: RedisConnection,
  config: AuthConfig & UserLimitConfig,
  metrics: Metrics,
): readonly Route[] {
  if (!config.ENABLE_AUTH) return routes;
  const admit = createAdmission(config);
  const perWindow = config.RATE_LIMIT_USER_PER_10S;
  const limited: HttpLimit | undefined =
    perWindow > 0
      ? createHttpLimit(redis, { name: 'http-user', perWindow, who: 'user' }, metrics)
      : undefined;
  return routes.map((each) => ({
    ...each,
    docs: {
      summary: '',
      ...each.docs,
      bearer: 'userToken',
      problems: [...(each.docs?.problems ?? []), ...PROBLEMS],
    },
    async handle(request) {
      const admitted = await admit(request);
      if ('refused' in admitted) return admitted.refused;
      const { user } = admitted;
      if (user === undefined) return each.handle(request);
      const handle = () => each.handle({ ...request, user });
      return limited ? limited(user, handle) : handle();
    },
  }));
}
