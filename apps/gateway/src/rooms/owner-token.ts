import { createHash, randomBytes } from 'node:crypto';
import { secretsEqual } from '@parley/runtime';

const TOKEN_BYTES = 32;

/** The form in which an owner's token is stored: whoever reads Redis cannot delete rooms with it. */
export const ownerHash = (token: string) => createHash('sha256').update(token).digest('hex');

/** Make up an owner's token: URL-safe text of 256 random bits. */
export const newOwnerToken = () => randomBytes(TOKEN_BYTES).toString('base64url');

/** Whether a token is the owner's, in a time that depends on neither. */
export const isOwner = (token: string, hash: string) => secretsEqual(ownerHash(token), hash);
