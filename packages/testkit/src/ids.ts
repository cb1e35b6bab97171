import { randomBytes } from 'node:crypto';

/** A name that no other test uses, so that tests may share one Redis and run at once. */
export function uniqueId(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
