// Ctrl-C reaches npm and us at once, and npm passes it on: what comes so soon after the first is the same one.
const SAME_SIGNAL_MS = 500;

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
