import { randomInt } from 'node:crypto';

/** Letters and digits that cannot be taken for one another, however written: none of `0 O`, `1 I L`, `U V`. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const GROUPS = 3;
const GROUP_LENGTH = 4;

/**
 * Make up a room's name: `k7mq-3xwd-p9ht`. Unguessable (30¹² ≈ 2⁵⁹, from the system's random source without modulo
 * bias), URL-safe, and readable aloud.
 * @param pick a number below another one, for names that are not to be random
 */
export function newRoomId(pick: (below: number) => number = (below) => randomInt(below)): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[pick(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
