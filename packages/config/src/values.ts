import { z } from 'zod';

// The kinds of value a setting can have. All come from text, so each says in its error what text it wants.

const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];

/** A whole number of `unit` between `min` and `max`. */
export function integer(unit: string, min: number, max: number) {
  const expected = `expected a whole number of ${unit} from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((n) => n >= min && n <= max, expected);
}

/** A TCP port; 0 lets the system choose. */
export const port = () => integer('the port', 0, 65_535);

/** `true` or `false`, and the usual other spellings. */
export function flag() {
  return z
    .string()
    .toLowerCase()
    .refine((text) => [...TRUE, ...FALSE].includes(text), 'expected true or false')
    .transform((text) => TRUE.includes(text));
}

/** One of a few words. */
export function word<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, { error: `expected one of ${words.join(', ')}` });
}

/** Comma-separated texts; spaces around them and empty ones are dropped. */
export function list() {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

/** Whether a header may hold it (RFC 9110 §5.5): no ends of lines, and no more than Latin-1. */
export function isHeaderText(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** A URL of one of the given schemes, without query or fragment when `bare`. */
export function url(schemes: readonly string[], { bare = false } = {}) {
  const expected = `expected a ${schemes.map((s) => `${s}://`).join(' or ')} URL${bare ? ' without ?query or #fragment' : ''}`;
  return z.string().refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, search, hash } = new URL(text);
    return schemes.includes(protocol.slice(0, -1)) && !(bare && (search || hash));
  }, expected);
}

/** Comma-separated `host:port`; IPv6 in brackets; the port may be left out. */
export function addresses() {
  const expected = 'expected host:port,… with IPv6 addresses in brackets';
  const isAddress = (text: string) => /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(text);
  return list().refine((items) => items.every(isAddress), expected);
}

/** Certificates as PEM, one after the other; `\n` stands for the end of a line where a text has only one. */
export function certificates() {
  const expected = 'expected certificates as PEM: -----BEGIN CERTIFICATE-----…';
  const PEM = /^(?:-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/;
  return z
    .string()
    .transform((text) => text.replaceAll(String.raw`\n`, '\n').trim())
    .refine((text) => PEM.test(text), expected);
}
