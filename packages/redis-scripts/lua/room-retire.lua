-- A dead instance's members leave a room; the others are told. Those that speak parley.v1 are away instead, for as long
-- as the grace from its last sign of life lasts. Runs once with effect, whoever comes first.
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
-- ARGV[4] instanceId   the dead instance
-- ARGV[5] awayUntilMs  end of that grace (ms since 1970)
-- Returns {'ok', how many there were, when the next absence ends (ms from now; -1 for none), host, version, facts}
local publish, aliveMs, ttlMs, instanceId, untilMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local dead = { [instanceId] = true }
local isWhole = redis.call('HEXISTS', V1, 'log ' .. instanceId) == 1
local gone, away = {}, {}
for _, id in ipairs(membersOf(dead)) do
  local isAway = isV1(id) and goAway(id, redis.call('HGET', MEMBERS, id), untilMs, isWhole, false)
  local those = isAway and away or gone
  those[#those + 1] = id
end
if SEQ == 'vseq' then redis.call('HDEL', V1, 'log ' .. instanceId) end
removeAll(publish, aliveMs, ttlMs, gone)
tellAway(publish, aliveMs, away, untilMs - now)
local _, nextMs = expireAbsences(publish, aliveMs, ttlMs)
return { 'ok', #gone + #away, nextMs, presence() }
