-- Members leave a room in which somebody speaks parley.v1; the others are told. Who has been taken over by another
-- instance stays.
-- KEYS[1] members  memberId → instance or -, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- KEYS[7] v1       sessions and counters of parley.v1
-- KEYS[8] backlog  messages that somebody may have missed
-- KEYS[9] gaps     up to which messages the backlog has none
-- KEYS[10] away    memberId → end of its absence (ms since 1970)
-- KEYS[11] chat    the last chats
-- ARGV[1] publish  PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs  the room's keys live for this long while it has members (ms)
-- ARGV[3] ttlMs    and for this long without (ms)
-- ARGV[4] instanceId  the instance that they leave
-- ARGV[5…] ids of the members
-- Returns {'ok', how many there were, host, version, facts}
local ids = {}
for i = 5, #ARGV do
  local value = redis.call('HGET', MEMBERS, ARGV[i])
  if value and readMember(value) == ARGV[4] then
    ids[#ids + 1] = ARGV[i]
    dropHeard(ARGV[i])
  end
end
return { 'ok', removeAll(ARGV[1], ARGV[2], ARGV[3], ids), presence() }
