import { randomInt } from 'node:crypto';

/** Letters and digits that cannot be taken for one another, however written: none of `0 O`, `1 I L`, `U V`. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const GROUPS = 3;
const GROUP_LENGTH = 4;

const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/**
 * Make up a room's name: `k7mq-3xwd-p9ht`. Unguessable (30¹² ≈ 2⁵⁹, from the system's random source without modulo
 * bias), URL-safe, and readable aloud.
 */
export function newRoomId(): string {
  return Array.from({ length: GROUPS }, group).join('-');
}
