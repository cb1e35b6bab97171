import type { AuthConfig, UserLimitConfig } from '@parley/config';
import type { RedisConnection } from '@parley/redis-scripts';
import {
  createHttpLimit,
  type HttpLimit,
  type Metrics,
  type Route,
  type RouteRequest,
} from '@parley/runtime';
import type { Admission, Caller } from './admit.js';

/** A request of which is known who sent it. */
export interface CallersRequest extends RouteRequest {
  readonly caller?: Caller;
}

/** What may go wrong with a route that takes a user's token. */
export const USER_PROBLEMS = ['unauthorized', 'forbidden', 'auth_unavailable'] as const;

/**
 * Let only users ask routes, and each of them only so often; the routes hear who it is. With `ENABLE_AUTH` off, when there
 * is no admission, they stay as they are, at no cost.
 */
export function forUsers(
  routes: readonly Route[],
  admit: Admission | undefined,
  redis: RedisConnection,
  config: AuthConfig & UserLimitConfig,
  metrics: Metrics,
): readonly Route[] {
  if (!admit) return routes;
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
      problems: [...(each.docs?.problems ?? []), ...USER_PROBLEMS],
    },
    async handle(request) {
      const admitted = await admit(request);
      if ('refused' in admitted) return admitted.refused;
      const { caller } = admitted;
      const { user } = caller;
      const asked: CallersRequest = { ...request, caller, ...(user !== undefined && { user }) };
      const handle = () => each.handle(asked);
      return limited && user !== undefined ? limited(user, handle) : handle();
    },
  }));
}
