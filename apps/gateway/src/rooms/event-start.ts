import { BEFORE_ALL, isEventId, type Room, type RoomEvent } from '@parley/redis-scripts';

/** Where the events begin that somebody is told: after which one, and with what before all others. */
interface EventStart {
  readonly afterId: string;
  readonly first?: RoomEvent;
}

/** Whether an id is not beyond another; both are `ms-number`. */
function isUpTo(id: string, last: string): boolean {
  const [ms = 0, number = 0] = id.split('-').map(Number);
  const [lastMs = 0, lastNumber = 0] = last.split('-').map(Number);
  return ms < lastMs || (ms === lastMs && number <= lastNumber);
}

/** How a room is now, as an event. It has no id: nobody can go on after it. */
function asEvent({ state, hostId, address = '' }: Room): RoomEvent {
  const where = state === 'migrating' ? {} : { hostId, address };
  return { id: '', type: state === 'migrating' ? 'migrating' : 'assigned', at: Date.now(), fields: where };
}

/**
 * Where to begin for a `Last-Event-ID`, which may be anything. One that lies beyond all that happened is not ours, or of a
 * Redis that lost its data: then all that is kept is told. Where nothing is kept any more, what the room has come to is.
 */
export function beginAfter(
  lastEventId: string | string[] | undefined,
  kept: readonly RoomEvent[],
  room: Room | undefined,
): EventStart {
  const last = kept.at(-1);
  if (!last) return { afterId: BEFORE_ALL, ...(room && { first: asEvent(room) }) };
  const isOurs = typeof lastEventId === 'string' && isEventId(lastEventId) && isUpTo(lastEventId, last.id);
  return { afterId: isOurs ? lastEventId : BEFORE_ALL };
}
