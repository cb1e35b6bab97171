import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 18;

/** Members that speak `parley.v1` are told from others by their ids, in Redis as well. */
const ID_START = '~';

/** An id for a new member that speaks `parley.v1`. */
export function newMemberId(): string {
  return ID_START + randomBytes(9).toString('base64url');
}

export function isV1(memberId: string): boolean {
  return memberId.startsWith(ID_START);
}

/** What a client shows to resume: its member's id, and a secret that only it was told. */
export function newResumeToken(memberId: string): string {
  return `${memberId}.${newSecret()}`;
}

/** The secret part of a resume token. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** What Redis knows of a token. Its secret is random, so nothing slower is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Read what came as `?resume=`. @returns undefined for what was never one of ours */
export function readResumeToken(token: string): { memberId: string; tokenHash: string } | undefined {
  const match = /^(~[\w-]{1,64})\.([\w-]{1,128})$/.exec(token);
  if (!match?.[1] || !match[2]) return undefined;
  return { memberId: match[1], tokenHash: hashSecret(match[2]) };
}
