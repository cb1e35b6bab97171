import type { Cluster, Redis } from 'ioredis';
import type { Script, ScriptInput } from './define.js';

/** Redis forgets scripts when it restarts, fails over or is told SCRIPT FLUSH. */
function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/**
 * Run a script by its digest, sending its text only where Redis does not know it yet.
 * @returns what the script returned, still to be decoded
 */
export async function evaluate<Key extends string, Arg extends string>(
  client: Redis | Cluster,
  script: Script<Key, Arg>,
  input: ScriptInput<Key, Arg>,
): Promise<unknown> {
  const keys = script.keys.map((name) => input.keys[name]);
  const argv = script.argv.map((name) => input.argv[name]);
  const parameters = [...keys, ...argv, ...(input.rest ?? [])];
  try {
    return await client.evalsha(script.sha1, keys.length, ...parameters);
  } catch (error) {
    if (!isNoScript(error)) throw error;
    return client.eval(script.lua, keys.length, ...parameters);
  }
}
