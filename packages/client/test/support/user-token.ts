import { createHmac } from 'node:crypto';

/** What signs users' tokens in these tests. */
export const JWT_SECRET = 'a secret of at least thirty-two bytes';

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A user's token for rooms (RFC 7519, HS256), as an issuer outside makes it. */
export function userToken(sub: string, rooms: readonly string[], secondsToLive = 60): string {
  const exp = Math.floor(Date.now() / 1000) + secondsToLive;
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, rooms, exp })}`;
  return `${signed}.${createHmac('sha256', JWT_SECRET).update(signed).digest('base64url')}`;
}
