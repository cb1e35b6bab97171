import { z } from 'zod';

/** Largest metadata of a room, as JSON. */
export const METADATA_MAX_BYTES = 4_096;

/** Deepest nesting: a flat object is 1. */
export const METADATA_MAX_DEPTH = 4;

/** Whether nothing is nested deeper than that. Looks no deeper than it has to, whatever was sent. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isShallow(each, depth - 1));
}

/** What a room's creator wants others to know of it: any JSON object of bounded size and depth. */
export const roomMetadata = z
  .record(z.string(), z.unknown())
  .refine((value) => isShallow(value, METADATA_MAX_DEPTH), {
    error: `must not be nested deeper than ${METADATA_MAX_DEPTH} levels`,
    abort: true,
  })
  .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= METADATA_MAX_BYTES, {
    error: `must not be larger than ${METADATA_MAX_BYTES} bytes as JSON`,
  });
