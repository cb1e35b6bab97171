import type { ServiceName } from './service-process.js';

/**
 * What a service's build exports, to run it inside the test's own process: cheaper than a process of its own where
 * nothing is killed. Apps never import each other; like `startService` this takes the other as it was built.
 * @param module file in the app's `dist`, without its ending; the service's own by default
 */
export async function importService(
  name: ServiceName,
  module: string = name,
): Promise<Record<string, unknown>> {
  const url = new URL(`../../../apps/${name}/dist/${module}.js`, import.meta.url);
  return (await import(url.href)) as Record<string, unknown>;
}
