-- What a signaling room keeps for its members that speak parley.v1 (their ids begin with ~): sessions to resume, and a
-- backlog of messages that they may have missed. Comes after shared/room.lua.
local V1, BACKLOG, GAPS, AWAY, CHAT = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
-- None of its keys stays for ever, whatever becomes of those who keep them.
-- ARGV[1] publish  PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs  the room's keys live for this long while it has members (ms)
local ALIVE_MS = ARGV[2]

local BACKLOG_MAX_MESSAGES, BACKLOG_MAX_BYTES = 1024, 2097152
-- Nobody whose connection is lost is taken for present for longer than two heartbeats.
local UNNOTICED_MS = 120000

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function sessionOf(id)
  local json = redis.call('HGET', V1, 'm ' .. id)
  return json and cjson.decode(json)
end

-- A session: t, hash of its token; p, of the one before, until t is known to have arrived; u, user or -; s, index of
-- the last message kept when it joined; c, 0 when messages may be missing, until it is known that it was told so; w, 0
-- when it may have sent more than is kept; j, what numbers that a server gives to its messages have to be greater than; k,
-- until when another connection is about to take it over (ms since 1970).
local function saveSession(id, session)
  return redis.call('HSET', V1, 'm ' .. id, cjson.encode(session))
end

local function keepAlive(aliveMs)
  for i = 7, 11 do redis.call('PEXPIRE', KEYS[i], aliveMs) end
end

-- From now on every message of the room is kept.
local function beginV1()
  if SEQ == 'vseq' then return end
  redis.call('HSET', STATE, 'vseq', text(lastNumber('seq')))
  redis.call('HDEL', STATE, 'seq')
  SEQ = 'vseq'
end

local function endV1(ttlMs)
  if SEQ == 'seq' or (tonumber(redis.call('HGET', V1, 'sessions')) or 0) > 0 then return end
  redis.call('HSET', STATE, 'seq', text(lastNumber('vseq')))
  redis.call('HDEL', STATE, 'vseq')
  SEQ = 'seq'
  redis.call('DEL', V1, BACKLOG, GAPS, AWAY)
  redis.call('PEXPIRE', CHAT, ttlMs)
end

-- The number of the last message that a member sent and that was kept; never goes back.
local function noteSent(id, n)
  local known = tonumber(redis.call('HGET', V1, 'n ' .. id)) or 0
  if tonumber(n) <= known then return end
  redis.call('HSET', V1, 'n ' .. id, n)
  redis.call('PEXPIRE', V1, ALIVE_MS)
end

-- Messages of a sender to some are not kept any more up to number n, the index-th message of the room.
local function noteGap(sender, audience, n, index)
  local field = sender .. ' ' .. audience
  local known = tonumber(string.match(redis.call('HGET', GAPS, field) or '0', '^%d+'))
  if tonumber(n) <= known then return end
  redis.call('HSET', GAPS, field, n .. ' ' .. text(index))
  redis.call('PEXPIRE', GAPS, ALIVE_MS)
end

-- Keep messages, each as: sender, its number, audience or -, text. They get the next indices unless one is given for all.
local function keep(aliveMs, messages, givenIndex)
  if #messages == 0 then return end
  local count, added, last = #messages / 4, 0, {}
  local index = givenIndex or redis.call('HINCRBY', V1, 'pushed', count) - count
  for i = 1, #messages, 4 do
    local sender, n = messages[i], messages[i + 1]
    index = givenIndex or index + 1
    local kept = text(index) .. ' ' .. sender .. ' ' .. n .. ' ' .. messages[i + 2] .. '\n' .. messages[i + 3]
    redis.call('RPUSH', BACKLOG, kept)
    added = added + #kept
    if isV1(sender) then last[sender] = n end
  end
  for sender, n in pairs(last) do noteSent(sender, n) end
  local bytes = redis.call('HINCRBY', V1, 'bytes', added)
  local length = redis.call('LLEN', BACKLOG)
  while length > BACKLOG_MAX_MESSAGES or bytes > BACKLOG_MAX_BYTES do
    local oldest = redis.call('LPOP', BACKLOG)
    if not oldest then break end
    length, bytes = length - 1, bytes - #oldest
    local at, sender, n, audience = string.match(oldest, '^(%d+) (%S+) (%d+) (%S+)\n')
    noteGap(sender, audience, n, tonumber(at))
  end
  redis.call('HSET', V1, 'bytes', bytes)
  redis.call('PEXPIRE', BACKLOG, aliveMs)
  redis.call('PEXPIRE', V1, aliveMs)
end

-- A member in another state: its instance, or - for none. Its evidence and order stay.
local function moveMember(id, value, instanceId)
  local _, evidence, order = readMember(value)
  redis.call('HSET', MEMBERS, id, instanceId .. ' ' .. evidence .. ' ' .. order)
end

-- The last message of a sender that is gone, of which the backlog lacks some; 0 when nobody can miss it any more.
local function lostIndex()
  local index, untilMs = string.match(redis.call('HGET', V1, 'lost') or '', '^(%d+) (%d+)$')
  return untilMs and tonumber(untilMs) > now and tonumber(index) or 0
end

local function noteLost(index)
  redis.call('HSET', V1, 'lost', text(math.max(index, lostIndex())) .. ' ' .. text(now + UNNOTICED_MS))
end

-- Forget what was kept of members that are gone. What is missing of theirs may still be missed by somebody whose
-- connection is lost, so that stays known for a while.
local function forget(ids, ttlMs)
  local gone = {}
  for _, id in ipairs(ids) do
    gone[id] = true
    if redis.call('HDEL', V1, 'm ' .. id) == 1 then redis.call('HINCRBY', V1, 'sessions', -1) end
    redis.call('HDEL', V1, 'n ' .. id)
    redis.call('ZREM', AWAY, id)
  end
  local gaps = redis.call('HGETALL', GAPS)
  for i = 1, #gaps, 2 do
    local sender, audience = string.match(gaps[i], '^(%S+) (%S+)$')
    if gone[sender] or gone[audience] then
      redis.call('HDEL', GAPS, gaps[i])
      local index = string.match(gaps[i + 1], ' (%d+)$')
      if gone[sender] then noteLost(tonumber(index)) end
    end
  end
  endV1(ttlMs)
end

-- Take members out, with all that was kept of them.
local function removeAll(publish, aliveMs, ttlMs, ids)
  local removed = removeMembers(publish, aliveMs, ttlMs, ids)
  if SEQ == 'vseq' then forget(ids, ttlMs) end
  return removed
end

-- Take out whose absence has lasted for too long. Answers when the next one will have, ms from now; -1 for none.
local function expireAbsences(publish, aliveMs, ttlMs)
  -- Whose end Redis has lost has been away for long enough.
  for _, id in ipairs(membersOf({ ['-'] = true })) do redis.call('ZADD', AWAY, 'NX', text(now), id) end
  local due = redis.call('ZRANGEBYSCORE', AWAY, '-inf', text(now))
  if #due > 0 then
    removeAll(publish, aliveMs, ttlMs, due)
    -- Absences of members that Redis knows no more.
    redis.call('ZREMRANGEBYSCORE', AWAY, '-inf', text(now))
  end
  local nextOne = redis.call('ZRANGE', AWAY, 0, 0, 'WITHSCORES')
  return #due, nextOne[2] and math.max(0, math.ceil(tonumber(nextOne[2]) - now)) or -1
end

-- A member is away until a time (ms since 1970). `isWhole`: all that was sent to it is kept;
-- `isSettled`: and the number of its own last message.
local function goAway(id, value, untilMs, isWhole, isSettled)
  local session = sessionOf(id)
  if not session then return false end
  if not isWhole then session.c = 0 end
  if not isSettled then session.w = 0 end
  saveSession(id, session)
  moveMember(id, value, '-')
  redis.call('ZADD', AWAY, text(untilMs), id)
  redis.call('PEXPIRE', AWAY, text(math.max(tonumber(ALIVE_MS), 2 * (untilMs - now))))
  return true
end

-- Tell that members are away, for at most so long (ms).
local function tellAway(publish, aliveMs, ids, leftMs)
  if #ids > 0 then append(publish, aliveMs, 'a\n' .. text(math.max(0, leftMs)) .. '\n' .. table.concat(ids, '\n')) end
end

local function tellEntered(publish, aliveMs, instanceId, id, user, isBack)
  append(publish, aliveMs, 'e\n' .. instanceId .. '\n' .. id .. ' ' .. user .. ' ' .. (isBack and '1' or '0'))
end
