/**
 * Wait.
 * @throws the signal's reason as soon as it is aborted
 */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** A signal of one's own that is aborted with another one, too. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Let go of the other signal. */
  unlink(): void;
}

/** AbortSignal.any is younger than browsers that are still around. */
export function linkedAbort(outer?: AbortSignal): LinkedAbort {
  const own = new AbortController();
  const follow = () => own.abort(outer?.reason);
  if (outer?.aborted) follow();
  else outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    unlink: () => outer?.removeEventListener('abort', follow),
  };
}
