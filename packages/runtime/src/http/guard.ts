import type { ProblemCode } from '@parley/protocol';
import { bearerToken } from './bearer.js';
import { problemReply, type Reply } from './reply.js';
import type { RouteRequest } from './route.js';
import { createSecretCheck } from './secrets.js';

/** Refuses a request: an answer, or undefined to let it pass. */
export type Guard = (request: Pick<RouteRequest, 'headers'>) => Reply | undefined;

function refuse(code: ProblemCode, detail: string): Reply {
  const headers = code === 'unauthorized' ? { 'WWW-Authenticate': 'Bearer' } : {};
  return problemReply(code, detail, { older: { success: false, error: detail }, headers });
}

/**
 * Let those pass who carry one of the secrets as bearer token (RFC 6750). Missing or malformed → 401, wrong → 403. Takes
 * the same time whichever secret matches, and however much of it.
 * @param who for the client, such as `HOST_SECRET`
 */
export function bearerGuard(who: string, secrets: readonly string[]): Guard {
  const isSecret = createSecretCheck(secrets);
  return ({ headers }) => {
    const token = bearerToken(headers.authorization);
    if (token === undefined) {
      return refuse('unauthorized', `This takes the header Authorization: Bearer ${who}.`);
    }
    return isSecret(token) ? undefined : refuse('forbidden', `This is not the ${who} of the service.`);
  };
}

/** Let nobody pass, and say why. */
export function closedGuard(detail: string): Guard {
  return () => refuse('forbidden', detail);
}

/** Let everybody pass. */
export const openGuard: Guard = () => undefined;
