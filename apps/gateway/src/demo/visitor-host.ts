import { createHash, randomBytes } from 'node:crypto';
import { newRoomId } from '../rooms/room-id.js';

/** All hosts of the demo are here, and no others. */
export const DEMO_REGION = 'demo';

const PREFIX = `${DEMO_REGION}-`;

/** A page that hosts: its name in the pool, and the room where players meet it. */
export interface VisitorHost {
  readonly hostId: string;
  /** Also the code that its visitor shares. */
  readonly roomId: string;
}

/** A key for one host more; whoever has it, and nobody else, speaks for that host. */
export function newHostKey(): string {
  return randomBytes(24).toString('base64url');
}

/** The host that a key is good for. Names follow from keys, so that every gateway knows them without a store. */
export function hostOf(key: string): VisitorHost {
  const digest = createHash('sha256').update(key).digest();
  let at = 0;
  const roomId = newRoomId((below) => (digest[at++] ?? 0) % below);
  return { hostId: `${PREFIX}${roomId}`, roomId };
}

/** The room of a host of the demo; the page goes the other way around from a code that was shared. */
export function roomIdOf(hostId: string): string {
  return hostId.slice(PREFIX.length);
}
