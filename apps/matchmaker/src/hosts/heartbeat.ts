import type { MatchmakerConfig } from '@parley/config';
import { heartbeatAnswer, heartbeatBody, type Heartbeat } from '@parley/protocol';
import type { Assignment, HostRooms, PoolStore } from '@parley/redis-scripts';
import { reply, route, type Route, type RoomTokens, type Guard } from '@parley/runtime';

/**
 * `POST /api/host/heartbeat` (contract §2): register, stay alive, tell how one is; hear of rooms that gateways gave one,
 * and of rooms that are not one's own any more. `ttl` is in seconds.
 */
export function heartbeatRoute(
  pool: PoolStore,
  rooms: HostRooms,
  guard: Guard,
  tokens: RoomTokens,
  { HOST_TTL_SECONDS }: Pick<MatchmakerConfig, 'HOST_TTL_SECONDS'>,
): Route {
  // A room is opened by joining it in signaling, where the host needs a token for it as anybody does.
  const ofAssignment = (assignment: Assignment) => ({ ...assignment, ...tokens(assignment.roomId, 'host') });
  return route({
    method: 'POST',
    path: '/api/host/heartbeat',
    guard,
    body: heartbeatBody,
    docs: {
      summary: 'Register, stay alive, tell how one is',
      answer: heartbeatAnswer,
      bearer: 'HOST_SECRET',
      problems: ['unauthorized', 'forbidden'],
    },
    async handle({ body }) {
      const { assignments, released } = await rooms.heard(body, () => pool.heartbeat(body));
      return reply(200, {
        success: true,
        ttl: HOST_TTL_SECONDS,
        ...tokens(roomsOf(body, released), 'host'),
        ...(assignments.length > 0 && { assignments: assignments.map(ofAssignment) }),
        ...(released.length > 0 && { released }),
      });
    },
  });
}

/** Rooms that a host may come back to: its own, and those that it has open. */
function roomsOf({ roomId, rooms = [] }: Heartbeat, released: readonly string[]): string[] {
  const open = rooms.map((room) => room.roomId).filter((each) => !released.includes(each));
  return [...new Set([roomId, ...open])];
}
