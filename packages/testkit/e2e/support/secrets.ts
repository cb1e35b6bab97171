import { createHmac } from 'node:crypto';
import { uniqueId } from '../../src/ids.js';

/** How a secret may stand in a text. */
interface Form {
  readonly name: string;
  readonly text: string;
}

/**
 * The part of a text's base64 that does not depend on what stands around it.
 * @param shift bytes before it, modulo 3, as `user:` before a password
 */
function base64Within(text: string, shift: number): string {
  const encoded = Buffer.from('\0'.repeat(shift) + text)
    .toString('base64')
    .replaceAll('=', '');
  // The first characters mix with what is before, the last one with what comes after.
  return encoded.slice(Math.ceil((shift * 8) / 6), -1);
}

function formsOf(name: string, text: string): Form[] {
  const base64 = [0, 1, 2].map((shift) => base64Within(text, shift));
  const base64url = base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_'));
  const others = [
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString('hex'),
  ];
  return [...new Set([text, ...others, ...base64, ...base64url])].map((form) => ({ name, text: form }));
}

/** What no log may hold. Short ones would be found by chance. */
export class Secrets {
  readonly #forms: Form[] = [];
  readonly names = new Set<string>();

  /** A secret of its own; names what it is for, which it ends in. */
  make(name: string): string {
    return this.add(
      name,
      `${uniqueId('s')}-${Math.random().toString(36).slice(2)}-${name.replace(/\W+/g, '-')}`,
    );
  }

  /** One that somebody else made. @returns it */
  add(name: string, secret: unknown): string {
    if (typeof secret !== 'string' || secret.length < 16)
      throw new Error(`no secret that could be told: ${name}`);
    this.names.add(name);
    this.#forms.push(...formsOf(name, secret));
    return secret;
  }

  /** A token as a whole, and its signature alone. @returns it */
  addToken(name: string, token: unknown): string {
    this.add(`${name}, signature`, String(token).split('.').at(-1));
    return this.add(name, token);
  }

  /** Each line that holds one, with its name. */
  foundIn(lines: readonly string[]): string[] {
    return lines.flatMap((line) =>
      this.#forms.filter(({ text }) => line.includes(text)).map(({ name }) => `${name}: ${line}`),
    );
  }
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A user's token as an issuer makes it (RFC 7519, HS256). */
export function userToken(claims: object, secret: string): string {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp, ...claims })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
