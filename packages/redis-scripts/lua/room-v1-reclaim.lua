-- An instance says which members that speak parley.v1 it has, and what of them: Redis may have lost that, or others may
-- have taken the instance for dead.
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
-- ARGV[4] instanceId  the instance
-- ARGV[5…] members, each as: id, evidence, order or empty, number of the last message that it sent, @user or -, hash of
-- its token
-- Returns {'ok', ids of those that another instance has taken over}
local publish, aliveMs, instanceId = ARGV[1], ARGV[2], ARGV[4]
local taken = {}
for i = 5, #ARGV, 6 do
  local id, value = ARGV[i], redis.call('HGET', MEMBERS, ARGV[i])
  local holder = value and readMember(value)
  local session = sessionOf(id)
  if value and holder ~= '-' and holder ~= instanceId then
    taken[#taken + 1] = id
  else
    if not value then
      local order = ARGV[i + 2] ~= '' and ARGV[i + 2] or text(nextNumber('version'))
      redis.call('HSET', MEMBERS, id, instanceId .. ' ' .. ARGV[i + 1] .. ' ' .. order)
    elseif holder == '-' then
      moveMember(id, value, instanceId)
      redis.call('ZREM', AWAY, id)
    end
    if not session then
      beginV1()
      redis.call('HINCRBY', V1, 'sessions', 1)
      -- What was sent before is not known here any more: an index that everything missing is later than.
      saveSession(id, { t = ARGV[i + 5], u = ARGV[i + 4], s = 0, c = 0, w = 1, j = 0 })
    end
    noteSent(id, ARGV[i + 3])
    if not session or holder == '-' then tellEntered(publish, aliveMs, instanceId, id, ARGV[i + 4], true) end
  end
end
redis.call('PEXPIRE', MEMBERS, aliveMs)
keepAlive(aliveMs)
return { 'ok', taken }
