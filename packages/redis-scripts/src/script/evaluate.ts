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
  keySets: readonly Readonly<Record<Key, string>>[],
  { argv, rest = [] }: Omit<ScriptInput<Key, Arg>, 'keys'>,
): Promise<unknown> {
  const parameters: (string | number)[] = [];
  for (const keys of keySets) for (const name of script.keys) parameters.push(keys[name]);
  const keyCount = parameters.length;
  for (const name of script.argv) parameters.push(argv[name]);
  for (const value of rest) parameters.push(value);
  try {
    return await client.evalsha(script.sha1, keyCount, ...parameters);
  } catch (error) {
    if (!isNoScript(error)) throw error;
    return client.eval(script.lua, keyCount, ...parameters);
  }
}
