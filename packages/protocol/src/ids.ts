import { z } from 'zod';

/** Characters of a room id (contract §1): URL-safe without escaping. */
export const ROOM_ID_PATTERN = /^[A-Za-z0-9_\-:.]+$/;

/** Longest room id a body may carry; signaling's own limit is the setting `ROOM_ID_MAX_LENGTH` (default 64). */
const ROOM_ID_MAX = 64;
const LABEL_MAX = 128;

/** A string without control characters or halves of a character: safe in a log line, a key and a header. */
const printable = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]+$/u, 'must not contain control characters or lone surrogates');

/** A room's name: 1 to 64 of `[A-Za-z0-9_\-:.]`. */
export const roomId = z
  .string()
  .min(1)
  .max(ROOM_ID_MAX)
  .regex(ROOM_ID_PATTERN, 'may contain only letters, digits and _ - : .');

/** A host's own name, usually a UUID; any printable text up to 128 characters. */
export const hostId = printable(LABEL_MAX);

/** Where a host is; the unit of sharding of the pool. */
export const region = printable(64);
