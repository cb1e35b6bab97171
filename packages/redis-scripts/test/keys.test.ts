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

/** What the functions make of `*` for every name. `channelPrefix` is the beginning of one, not a key. */
function spelledKeys(): string[] {
  const groups = Object.values(createKeys('P')) as Record<string, (...names: string[]) => string>[];
  return groups.flatMap((group) =>
    Object.entries(group)
      .filter(([name]) => name !== 'channelPrefix')
      .map(([, spell]) => spell(...Array.from({ length: spell.length }, () => ANY))),
  );
}

it('the key table in the doc comment of keys.ts names exactly the keys that are spelled there', () => {
  expect(spelledKeys().toSorted()).toEqual(documentedKeys().toSorted());
});
