/**
 * Every key and channel of Parley, and the only place that spells one. `P` is `REDIS_KEY_PREFIX`. What stands between
 * braces decides the slot on a Cluster: all keys of one script share it.
 *
 * | key | type | holds | until |
 * |---|---|---|---|
 * | `P{pool:REGION}:hosts` | zset | hostId → end of its TTL, ms since 1970 | the host's TTL |
 * | `P{pool:REGION}:state` | hash | hostId → its record (cmsgpack, fields in `lua/shared/pool.lua`) | the host's TTL |
 * | `P{pool:REGION}:free:KIND` | zset | hostId with free slots → how many, then last assignment | the slots are free |
 * | `P{pool:REGION}:load:KIND` | zset | hostId with free slots → its load, then last assignment | the slots are free |
 * | `P{pool:REGION}:leases` | zset | leaseId → its end, ms since 1970 | taken up, given back, expired |
 * | `P{pool:REGION}:lease-hosts` | hash | leaseId → seats and host | like the lease |
 * | `P{pool:REGION}:host-leases` | zset | host and leaseId, in the order they were made | like the lease |
 * | `P{pool:REGION}:totals` | hash | free slots by kind of host; leased seats; term of the reaper; `born`: since when the region is there; `lostUntil`: until when leases may stand that Redis has lost | an hour after the region is empty |
 * | `P{pool:REGION}:claim:HOST` | string | number of the last claim of a host that was carried out there | an hour |
 * | `P{host:HOST}:region` | hash | `@region`: the region that a host is in; `@claim`: number of the last claim; `@seen`: as what it was seen in its room; `=REGION`: may know it | an hour after its last refresh |
 * | `P{JOB}:leader` | string | which matchmaker is the `reaper`, or the `provisioner` | its time to lead |
 * | `P{JOB}:term` | string | number of the job's last term | for ever |
 * | `P{provisioner}:told` | hash | region → how many hosts it is to have | a day after the last change |
 * | `P{regions}` | zset | region → last time a host said so, ms since 1970 | an hour after that |
 * | `P{room:ROOM}:record` | hash | a room that a gateway made: host, lease, state, epoch, players, hash of its owner's token | the room's end |
 * | `P{room:ROOM}:seats` | zset | seat promised to a player who has not come yet → its end, ms since 1970 | the room's end |
 * | `P{room:ROOM}:events` | stream | what happened to such a room | 10 minutes after the last event |
 * | `P{host:HOST}:rooms` | hash | rooms that a host was given → `given`, or `lost` since it has to be told; `@goodbyes`: how often it said goodbye | closed, told; an hour after its last heartbeat |
 * | `P{rooms}:public` | zset | time of creation, name and region of each public room of all regions | the room's end |
 * | `P{rooms:REGION}:public` | zset | the same of one region | the room's end |
 * | `P{rooms}:hosts` | zset | host with such rooms → when it counts as gone, ms since 1970 | its last room is gone |
 * | `P{rooms}:STATE` | zset | such rooms that are `placed`, `open`, `migrating`, for the overview → when they end at the latest | noted otherwise |
 * | `P{rooms}:over` | zset | such rooms that are no more → when their moves are forgotten, ms since 1970 | that time |
 * | `P{rooms}:moves` | hash | such a room that changed hosts → how often, as far as it is counted | as `over` |
 * | `P{rooms}:counts` | hash | migrations so far | for ever |
 * | `P{room:ROOM}:members` | hash | memberId → instance or `-`, evidence, order of joining | the last member left |
 * | `P{room:ROOM}:state` | hash | counters: number of the last entry, version of the membership | `ROOM_TTL_SECONDS` after the last member |
 * | `P{room:ROOM}:log` | list | the last entries of the channel | as `state` |
 * | `P{room:ROOM}:grants` | hash | the room's limit of messages, as `P{limit:NAME:KEY}` | as that |
 * | `P{room:ROOM}:held` | list | messages for the next one to join | delivered, or their senders left |
 * | `P{room:ROOM}:v1` | hash | `m ID`: session of a member that speaks `parley.v1`; `n ID`: number of its last message that is kept; `log INSTANCE`: it sends everything through Redis; counters | the last such member is gone |
 * | `P{room:ROOM}:backlog` | list | messages that such a member may have missed | as `v1` |
 * | `P{room:ROOM}:gaps` | hash | sender and audience → up to which message the backlog has none, and that one's index | as `v1` |
 * | `P{room:ROOM}:away` | zset | memberId → end of its absence, ms since 1970 | as `v1` |
 * | `P{room:ROOM}:chat` | list | the last chats | as `state` |
 * | `P{room:ROOM}:host` | string | JSON: region and hostId of the streaming host that the room is bound to | an hour |
 * | `P{room:ROOM}` | channel | entries: messages, joined, left | – |
 * | `P{instances}:leases` | zset | signaling instanceId → end of its lease, ms since 1970 | it stopped, or its rooms are clean |
 * | `P{instances}:ID` | channel | what is asked of an instance (`takeover ROOM MEMBER`), or nothing: that it is subscribed tells that it lives | – |
 * | `P{instances}:members` | hash | instanceId → its members, as of its last sign of life | as `leases` |
 * | `P{instance:ID}:rooms` | set | rooms that may have members on the instance | as `leases`, or two days unconfirmed |
 * | `P{limit:NAME:KEY}` | hash | number of a bucket of time → events granted in it; `instance/bucket` → bucket and events it let happen without Redis | a window (and `quietMs`) after the last grant |
 * | `P{claim:HASH}` | hash | what a create's Idempotency-Key stands for: room, salt, digest of the request | an hour |
 */
export function createKeys(prefix: string) {
  const pool = (region: string) => `${prefix}{pool:${encodeTag(region)}}`;
  const room = (roomId: string) => `${prefix}{room:${encodeTag(roomId)}}`;
  return {
    claim: { create: (hash: string) => `${prefix}{claim:${hash}}` },
    limit: { grants: (name: string, key: string) => `${prefix}{limit:${name}:${encodeTag(key)}}` },
    pool: {
      hosts: (region: string) => `${pool(region)}:hosts`,
      state: (region: string) => `${pool(region)}:state`,
      free: (region: string, kind: string) => `${pool(region)}:free:${kind}`,
      load: (region: string, kind: string) => `${pool(region)}:load:${kind}`,
      leases: (region: string) => `${pool(region)}:leases`,
      leaseHosts: (region: string) => `${pool(region)}:lease-hosts`,
      hostLeases: (region: string) => `${pool(region)}:host-leases`,
      totals: (region: string) => `${pool(region)}:totals`,
      claim: (region: string, hostId: string) => `${pool(region)}:claim:${hostId}`,
      home: (hostId: string) => `${prefix}{host:${encodeTag(hostId)}}:region`,
      regions: () => `${prefix}{regions}`,
    },
    leader: {
      holder: (job: string) => `${prefix}{${job}}:leader`,
      term: (job: string) => `${prefix}{${job}}:term`,
    },
    provisioner: { told: () => `${prefix}{provisioner}:told` },
    room: {
      record: (roomId: string) => `${room(roomId)}:record`,
      seats: (roomId: string) => `${room(roomId)}:seats`,
      events: (roomId: string) => `${room(roomId)}:events`,
      ofHost: (hostId: string) => `${prefix}{host:${encodeTag(hostId)}}:rooms`,
      hosts: () => `${prefix}{rooms}:hosts`,
      inState: (state: 'placed' | 'open' | 'migrating') => `${prefix}{rooms}:${state}`,
      over: () => `${prefix}{rooms}:over`,
      moves: () => `${prefix}{rooms}:moves`,
      counts: () => `${prefix}{rooms}:counts`,
      public: () => `${prefix}{rooms}:public`,
      publicIn: (region: string) => `${prefix}{rooms:${encodeTag(region)}}:public`,
      members: (roomId: string) => `${room(roomId)}:members`,
      state: (roomId: string) => `${room(roomId)}:state`,
      log: (roomId: string) => `${room(roomId)}:log`,
      held: (roomId: string) => `${room(roomId)}:held`,
      grants: (roomId: string) => `${room(roomId)}:grants`,
      host: (roomId: string) => `${room(roomId)}:host`,
      channel: room,
      v1: (roomId: string) => `${room(roomId)}:v1`,
      backlog: (roomId: string) => `${room(roomId)}:backlog`,
      gaps: (roomId: string) => `${room(roomId)}:gaps`,
      away: (roomId: string) => `${room(roomId)}:away`,
      chat: (roomId: string) => `${room(roomId)}:chat`,
      /** What every room's channel begins with; the room's name and one brace follow. */
      channelPrefix: () => `${prefix}{room:`,
    },
    instance: {
      leases: () => `${prefix}{instances}:leases`,
      members: () => `${prefix}{instances}:members`,
      rooms: (instanceId: string) => `${prefix}{instance:${instanceId}}:rooms`,
      /** What an instance's own channel begins with; its id follows. */
      channelPrefix: () => `${prefix}{instances}:`,
    },
  };
}

export type Keys = ReturnType<typeof createKeys>;

/** Names come from outside: a brace in one would end the hash tag early and send its keys to different slots. */
function encodeTag(name: string): string {
  return /[{}%]/.test(name) ? name.replaceAll(/[{}%]/g, encodeURIComponent) : name;
}
