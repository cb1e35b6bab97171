import type { RedisConnection } from '../connection/connection.js';

/** What can happen to a room; `closed` is the last of it. */
export type RoomEventType = 'assigned' | 'migrating' | 'migrated' | 'closed';

/** Something that happened to a room. */
export interface RoomEvent {
  /** Later events have later ids. */
  readonly id: string;
  readonly type: RoomEventType;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of `assigned` and `migrated`: `hostId`, `address`; of `closed`: `reason`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Before every event. */
export const BEFORE_ALL = '0-0';

/** Ids that `RoomEvents.since` takes: what came from outside has to be one of these. */
export const isEventId = (text: string) => /^\d{1,15}-\d{1,15}$/.test(text);

function decode([id, flat]: [string, string[]]): RoomEvent {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] ?? ''] = flat[i + 1] ?? '';
  const { type = '', at = '', ...rest } = fields;
  return { id, type: type as RoomEventType, at: Number(at), fields: rest };
}

/** What happened to rooms. The last events of a room are kept for ten minutes, also after its end. */
export class RoomEvents {
  constructor(private readonly redis: RedisConnection) {}

  /** All that is kept of a room's events, oldest first. */
  kept(roomId: string): Promise<RoomEvent[]> {
    return this.since(roomId, BEFORE_ALL);
  }

  /** A room's events after another one, oldest first. */
  async since(roomId: string, afterId: string): Promise<RoomEvent[]> {
    const key = this.redis.keys.room.events(roomId);
    const entries = await this.redis.command('gateway-events', (client) =>
      client.xrange(key, `(${afterId}`, '+'),
    );
    return entries.map(decode);
  }
}
