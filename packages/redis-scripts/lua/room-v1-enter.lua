-- A member that speaks parley.v1 joins a room, or resumes in it with the token of its last welcome. A token that stands
-- for nobody who is here is as good as none.
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
-- ARGV[4] instanceId     the instance that it came to
-- ARGV[5] capacity       most members
-- ARGV[6] heldTtlMs      what was held for longer is dropped (ms)
-- ARGV[7] memberId       its id, if it is new
-- ARGV[8] evidence       what it has shown of itself
-- ARGV[9] user           @ and its user, or -
-- ARGV[10] tokenHash     hash of the token that it will be given
-- ARGV[11] presented     id of the member that it says it is, or empty
-- ARGV[12] presentedHash  hash of the token that it shows for that
-- ARGV[13] force         1: take the member over although its instance has not let go of it
-- Returns {'full', members}; {'elsewhere', its instance}: ask that one to let go of it; or {'joined'|'resumed', seq,
-- members, held, host, version, facts, v1, gaps, backlog, chat, whether its backlog is whole (0 or 1)}; members, facts,
-- v1 and gaps as HGETALL
local publish, aliveMs, ttlMs, instanceId, user = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[9]
local id, tokenHash = ARGV[7], ARGV[10]
-- Longer than it takes to ask an instance to let go of a member.
local TAKE_OVER_MS = 3000

beginNumbers()
expireAbsences(publish, aliveMs, ttlMs)

local function answer(status, held, isWhole)
  local seq = text(lastNumber(SEQ))
  redis.call('PEXPIRE', MEMBERS, aliveMs)
  redis.call('PEXPIRE', STATE, aliveMs)
  redis.call('PEXPIRE', LOG, aliveMs)
  redis.call('HSET', V1, 'log ' .. instanceId, 1)
  keepAlive(aliveMs)
  local host, version, facts = presence()
  local backlog = status == 'resumed' and redis.call('LRANGE', BACKLOG, 0, -1) or {}
  return {
    status, seq, redis.call('HGETALL', MEMBERS), held, host, version, facts, redis.call('HGETALL', V1),
    redis.call('HGETALL', GAPS), backlog, redis.call('LRANGE', CHAT, 0, -1), isWhole,
  }
end

local session = ARGV[11] ~= '' and sessionOf(ARGV[11])
local value = session and redis.call('HGET', MEMBERS, ARGV[11])
local isIts = session and session.u == user and (session.t == ARGV[12] or session.p == ARGV[12])
if value and isIts then
  id = ARGV[11]
  local holder = readMember(value)
  if holder ~= '-' and ARGV[13] ~= '1' then
    session.k = now + TAKE_OVER_MS
    saveSession(id, session)
    return { 'elsewhere', holder }
  end
  local isWhole = session.c == 1 and lostIndex() <= session.s
  if holder ~= '-' then isWhole = isWhole and redis.call('HEXISTS', V1, 'log ' .. holder) == 1 end
  session.k = nil
  session.t, session.p, session.c = tokenHash, ARGV[12], isWhole and 1 or 0
  if holder ~= '-' or session.w == 0 then
    local sent = tonumber(redis.call('HGET', V1, 'n ' .. id)) or 0
    session.j = math.max(session.j, sent) + 1000000
  end
  session.w = 1
  saveSession(id, session)
  moveMember(id, value, instanceId)
  redis.call('ZREM', AWAY, id)
  -- Held since nobody seemed to hear it; this one does, from the backlog.
  dropHeard(id)
  -- What was held since nobody heard it is in the backlog as well.
  for _, message in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
    if string.match(message, '^%d+\n(%S+) ') ~= id then redis.call('LREM', HELD, 1, message) end
  end
  tellEntered(publish, aliveMs, instanceId, id, user, true)
  return answer('resumed', {}, isWhole and 1 or 0)
end

local before = redis.call('HLEN', MEMBERS)
if before >= tonumber(ARGV[5]) then return { 'full', redis.call('HGETALL', MEMBERS) } end
-- What an instance that died with everybody else left behind is nobody's.
if before == 0 then redis.call('DEL', HELD) end
beginV1()
local order = text(nextNumber('version'))
redis.call('HSET', MEMBERS, id, instanceId .. ' ' .. ARGV[8] .. ' ' .. order)
local since = tonumber(redis.call('HGET', V1, 'pushed')) or 0
redis.call('HINCRBY', V1, 'sessions', 1)
saveSession(id, { t = tokenHash, u = user, s = since, c = 1, w = 1, j = 0 })
tellEntered(publish, aliveMs, instanceId, id, user, false)

local held, kept = giveHeld(id, ARGV[6]), {}
for _, message in ipairs(held) do
  local sender, n, line = string.match(message, '^%d+\n(%S+) (%d+)\n(.*)$')
  for _, part in ipairs({ sender, n, '-', line }) do kept[#kept + 1] = part end
end
keep(aliveMs, kept)
return answer('joined', held, 1)
