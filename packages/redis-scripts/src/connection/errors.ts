/** Redis cannot be asked right now: not connected, too slow, failing over, or the circuit is open. Try again later. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

/** Redis answers, but running on it would break guarantees: the message says what to change. */
export class UnsafeRedisError extends Error {
  override readonly name = 'UnsafeRedisError';
}

/** Replies with which a reachable Redis says that it cannot serve for now (Redis docs, "error replies"). */
const PASSING_REPLIES =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|OOM|MISCONF|BUSY|UNBLOCKED|ASK|MOVED)\b/;

/** Tell an outage, which passes, from a defect, which does not. */
export function asUnavailable(error: unknown): RedisUnavailableError | undefined {
  if (error instanceof RedisUnavailableError) return error;
  if (!(error instanceof Error)) return undefined;
  const isReply = error.name === 'ReplyError';
  if (isReply && !PASSING_REPLIES.test(error.message)) return undefined;
  return new RedisUnavailableError(error.message, { cause: error });
}
