/** What the suite talks to. */
export interface Target {
  readonly matchmakerUrl: string;
  readonly gatewayUrl: string;
  /** Two instances; a deployment behind one name may give it twice. */
  readonly signalingUrls: readonly [string, string];
  readonly hostSecret: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    target: Target;
  }
}

/**
 * The deployment that the environment names, if any: `E2E_MATCHMAKER_URL`, `E2E_GATEWAY_URL`, `E2E_SIGNALING_URLS` (two,
 * separated by a comma) and `E2E_HOST_SECRET`.
 * @throws naming what is missing when only some of them are set
 */
export function deployedTarget(env: NodeJS.ProcessEnv): Target | undefined {
  const names = ['E2E_MATCHMAKER_URL', 'E2E_GATEWAY_URL', 'E2E_SIGNALING_URLS', 'E2E_HOST_SECRET'] as const;
  const missing = names.filter((name) => !env[name]);
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) throw new Error(`to test a deployment, set ${missing.join(', ')} as well`);
  const [matchmakerUrl = '', gatewayUrl = '', signaling = '', hostSecret = ''] = names.map((n) => env[n]);
  const [first = '', second = first] = signaling.split(',').map((url) => url.trim());
  return { matchmakerUrl, gatewayUrl, signalingUrls: [first, second], hostSecret };
}
