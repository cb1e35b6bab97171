import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One atomic operation: a file in `lua/`, and the names of what it takes, in order. */
export interface Script<Key extends string = string, Arg extends string = string> {
  readonly name: string;
  readonly lua: string;
  readonly sha1: string;
  readonly keys: readonly Key[];
  readonly argv: readonly Arg[];
  /** Files in `lua/shared/` that stand before it. */
  readonly shared: readonly string[];
}

/** What a call of a script passes: every key and argument by its name. */
export interface ScriptInput<Key extends string, Arg extends string> {
  readonly keys: Readonly<Record<Key, string>>;
  readonly argv: Readonly<Record<Arg, string | number>>;
  /** Further arguments after the named ones, for scripts that take a list. */
  readonly rest?: readonly (string | number)[];
}

const LUA_FOLDER = new URL('../../lua/', import.meta.url);

/** The text of a script: its own file, after the local functions that it shares with others of its kind. */
function readLua(name: string, shared: readonly string[]): string {
  return [...shared.map((file) => `shared/${file}`), name]
    .map((file) => readFileSync(new URL(`${file}.lua`, LUA_FOLDER), 'utf8'))
    .join('\n');
}

/**
 * Declare a script. A test holds the names to the header of the file.
 * @param name file name in `lua/`, without its ending
 * @param shared files in `lua/shared/` whose local functions the script uses
 */
export function defineScript<const Key extends string, const Arg extends string>(
  name: string,
  declared: {
    readonly keys: readonly Key[];
    readonly argv: readonly Arg[];
    readonly shared?: readonly string[];
  },
): Script<Key, Arg> {
  const shared = declared.shared ?? [];
  const lua = readLua(name, shared);
  const sha1 = createHash('sha1').update(lua).digest('hex');
  return { name, lua, sha1, keys: declared.keys, argv: declared.argv, shared };
}
