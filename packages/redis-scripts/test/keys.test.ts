import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createKeys } from '../src/index.js';

const ANY = '*';

/** The keys of the table in the doc comment, with every name that varies as `*`. */
function documentedKeys(): string[] {
  const source = readFileSync(new URL('../src/keys.ts', import.meta.url), 'utf8');
  return [...source.matchAll(/^ \* \| `(P[^`]*)`/gm)].map(([, key = '']) =>
    key.replaceAll(/[A-Z]{2,}/g, ANY),
  );
}

/** What the functions make of `*` for every name. A `channelPrefix` is followed by a name, within the brace it opened. */
function spelledKeys(): string[] {
  const groups = Object.values(createKeys('P')) as Record<string, (...names: string[]) => string>[];
  const keys = groups.flatMap((group) =>
    Object.entries(group).map(([name, spell]) => {
      const key = spell(...Array.from({ length: spell.length }, () => ANY));
      if (name !== 'channelPrefix') return key;
      return key.includes('}') ? key + ANY : `${key}${ANY}}`;
    }),
  );
  return [...new Set(keys)];
}

it('the key table in the doc comment of keys.ts names exactly the keys that are spelled there', () => {
  expect(spelledKeys().toSorted()).toEqual(documentedKeys().toSorted());
});
