import { createHash, createHmac, randomBytes } from 'node:crypto';
import { secretsEqual } from '@parley/runtime';

const RANDOM_BYTES = 32;

/** The form in which an owner's token is stored: whoever reads Redis cannot delete rooms with it. */
export const ownerHash = (token: string) => createHash('sha256').update(token).digest('hex');

/** URL-safe text of 256 random bits: an owner's token, or a salt for one. */
export const randomText = () => randomBytes(RANDOM_BYTES).toString('base64url');

/**
 * The owner's token of a room that was created with an Idempotency-Key: every retry gets the same, and nobody who
 * knows only what Redis holds (the salt, and a digest of the key) can make it.
 */
export const ownerTokenOf = (idempotencyKey: string, salt: string) =>
  createHmac('sha256', idempotencyKey).update(salt).digest('base64url');

/** Whether a token is the owner's, in a time that depends on neither. */
export const isOwner = (token: string, hash: string) => secretsEqual(ownerHash(token), hash);
