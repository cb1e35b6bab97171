import { createHmac } from 'node:crypto';

/** Settings of a service that lets in whoever has a token of `tokenFor`. */
export const auth = { ENABLE_AUTH: 'true', JWT_SECRET: 'the-secret-of-this-test' };

/** A token as any issuer would make it; exp in seconds from now. */
export function tokenFor(rooms: readonly string[], expiresIn = 60): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + expiresIn;
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ rooms, exp })}`;
  return `${unsigned}.${createHmac('sha256', auth.JWT_SECRET).update(unsigned).digest('base64url')}`;
}
