/**
 * Every key and channel of Parley, and the only place that spells one. `P` is `REDIS_KEY_PREFIX`. What stands between
 * braces decides the slot on a Cluster: all keys of one script share it.
 *
 * | key | type | holds | until |
 * |---|---|---|---|
 * | `P{pool:REGION}:hosts` | zset | hostId → end of its TTL, ms since 1970 | the host's TTL |
 * | `P{room:ROOM}:members` | hash | memberId → instanceId | the last member left |
 */
export function createKeys(prefix: string) {
  const pool = (region: string) => `${prefix}{pool:${encodeTag(region)}}`;
  const room = (roomId: string) => `${prefix}{room:${encodeTag(roomId)}}`;
  return {
    pool: {
      hosts: (region: string) => `${pool(region)}:hosts`,
    },
    room: {
      members: (roomId: string) => `${room(roomId)}:members`,
    },
  };
}

export type Keys = ReturnType<typeof createKeys>;

/** Names come from outside: a brace in one would end the hash tag early and send its keys to different slots. */
function encodeTag(name: string): string {
  return name.replaceAll(/[{}%]/g, encodeURIComponent);
}
