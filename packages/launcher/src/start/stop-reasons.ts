// Ctrl-C reaches npm and us at once, and npm passes it on: what comes so soon after the first is the same one.
const SAME_SIGNAL_MS = 500;
const PARENT_POLL_MS = 500;

/** Resolves when the user asks for the end; a second time, `again` is called. */
export function whenAskedToStop(again: () => void): Promise<string> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAtMs ??= performance.now();
        if (performance.now() - firstAtMs > SAME_SIGNAL_MS) again();
        resolve(signal);
      });
    }
  });
}

/**
 * Resolves when the npm that started this process is gone without having told us, as after a SIGKILL. Never, when it
 * was not started by npm: a process that was put in the background outlives its shell.
 */
export function whenNpmIsGone(): Promise<string> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve('npm is gone');
    }, PARENT_POLL_MS);
    timer.unref();
  });
}
