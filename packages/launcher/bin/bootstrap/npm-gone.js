const PARENT_POLL_MS = 500;

/**
 * Resolves when the npm that started this process is gone without having told us, as after a SIGKILL. Never, when it
 * was not started by npm: a process that was put in the background outlives its shell. Call it first of all: it
 * compares with whoever is the parent now.
 * @returns {Promise<string>}
 */
export function whenNpmIsGone() {
  const parent = process.ppid;
  return new Promise((resolve) => {
    if (process.env.npm_lifecycle_event === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve('npm is gone');
    }, PARENT_POLL_MS);
    timer.unref();
  });
}
