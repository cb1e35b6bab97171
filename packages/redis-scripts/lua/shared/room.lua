-- A signaling room: its numbered entries, its members, and what is held for the next one to join.
-- Scripts that use it name their keys in this order.
local MEMBERS, STATE, LOG, HELD, HOST, CHANNEL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

-- The counter of entries. While somebody in the room speaks parley.v1 it has another name: room-publish finds none then,
-- so instances that have not heard of it are sent to room-v1-send, and rooms without such members pay nothing for it.
local SEQ = redis.call('HEXISTS', STATE, 'vseq') == 1 and 'vseq' or 'seq'

-- The log only has to bridge a subscriber's reconnect.
local LOG_MAX_ENTRIES, LOG_KEPT_ENTRIES = 128, 64
local LARGE_ENTRY_BYTES, LOG_LARGE_BYTES_MAX = 8192, 1048576

-- Counters begin at the clock (µs), so one that was lost with Redis' data never falls behind what it was before.
local function nextNumber(field)
  local number = redis.call('HINCRBY', STATE, field, 1)
  if number > 1 then return number end
  local time = redis.call('TIME')
  number = time[1] * 1000000 + time[2]
  redis.call('HSET', STATE, field, string.format('%.0f', number))
  -- Whoever keeps the room sets a time of its own; a counter alone must not stay for ever.
  redis.call('PEXPIRE', STATE, 3600000)
  return number
end

-- Both counters of a room that has none yet, at once.
local function beginNumbers()
  if redis.call('EXISTS', STATE) == 1 then return end
  local time = redis.call('TIME')
  local number = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('HSET', STATE, 'seq', number, 'version', number)
  redis.call('PEXPIRE', STATE, 3600000)
end

local function lastNumber(field)
  return tonumber(redis.call('HGET', STATE, field)) or nextNumber(field)
end

local function text(number)
  return string.format('%.0f', number)
end

local function isV1(id)
  return string.byte(id) == 126
end

-- Give an entry its number, log it and tell the subscribers. Answers the number, and how many those were.
local function append(publish, aliveMs, body)
  local seq = nextNumber(SEQ)
  local entry = text(seq) .. '\n' .. body
  local logged = redis.call('RPUSH', LOG, entry)
  if logged == 1 then redis.call('PEXPIRE', LOG, aliveMs) end
  if logged > LOG_MAX_ENTRIES then redis.call('LTRIM', LOG, -LOG_KEPT_ENTRIES, -1) end
  if #entry > LARGE_ENTRY_BYTES and redis.call('HINCRBY', STATE, 'largeBytes', #entry) > LOG_LARGE_BYTES_MAX then
    redis.call('DEL', LOG)
    redis.call('HSET', STATE, 'largeBytes', 0)
  end
  return seq, redis.call(publish, CHANNEL, entry)
end

-- What a member's field holds: its instance, its evidence, and the number that orders members by their joining.
local function readMember(value)
  return string.match(value, '^(%S+) (%S+) (%S+)$')
end

-- Forget what was held for members that are gone; all of it when nobody is left.
local function dropHeld(gone)
  if redis.call('EXISTS', MEMBERS) == 0 then
    redis.call('DEL', HELD)
    return
  end
  for _, held in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
    if gone[string.match(held, '^%d+\n(%S+) ')] then redis.call('LREM', HELD, 1, held) end
  end
end

-- What is held, for a member that joins just now. It stays until that member is known to have it (room-handed): where the
-- answer is lost, or the member goes before it gets it, it is for the next one. Meanwhile nobody else is given it.
local function giveHeld(id, ttlMs)
  local given = redis.call('HGET', STATE, 'given')
  if given and given ~= id and redis.call('HEXISTS', MEMBERS, given) == 1 then return {} end
  local messages = redis.call('LRANGE', HELD, 0, -1)
  if #messages == 0 then return messages end
  local time = redis.call('TIME')
  local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ttlMs)
  local held = {}
  for _, message in ipairs(messages) do
    if tonumber(string.match(message, '^%d+')) > oldest then held[#held + 1] = message end
  end
  if #held > 0 then redis.call('HSET', STATE, 'given', id) else redis.call('DEL', HELD) end
  return held
end

-- A member leaves by itself, so its instance lives: what was held although it was there, since its instance did not seem
-- to listen, was for it and for nobody after it.
local function dropHeard(id)
  if redis.call('LLEN', HELD) == 0 or redis.call('HEXISTS', MEMBERS, id) == 0 then return end
  local given = redis.call('HGET', STATE, 'given')
  local isWaited = given and redis.call('HEXISTS', MEMBERS, given) == 1
  if not isWaited and redis.call('HLEN', MEMBERS) > 1 then redis.call('DEL', HELD) end
end

-- Take members out, and tell the others. Answers how many there were.
local function removeMembers(publish, aliveMs, ttlMs, ids)
  local gone, removed = {}, {}
  for _, id in ipairs(ids) do
    if redis.call('HDEL', MEMBERS, id) == 1 then
      gone[id] = true
      removed[#removed + 1] = id
    end
  end
  if #removed == 0 then return 0 end
  nextNumber('version')
  dropHeld(gone)
  if redis.call('EXISTS', MEMBERS) == 1 then
    append(publish, aliveMs, 'l\n' .. table.concat(removed, '\n'))
  else
    redis.call('PEXPIRE', STATE, ttlMs)
    redis.call('PEXPIRE', LOG, ttlMs)
  end
  return #removed
end

-- Ids of the members that belong to any of some instances.
local function membersOf(instances)
  local ids, all = {}, redis.call('HGETALL', MEMBERS)
  for i = 1, #all, 2 do
    if instances[readMember(all[i + 1])] then ids[#ids + 1] = all[i] end
  end
  return ids
end

-- The same without those that speak parley.v1.
local function plainMembersOf(instances)
  local ids = {}
  for _, id in ipairs(membersOf(instances)) do
    if not isV1(id) then ids[#ids + 1] = id end
  end
  return ids
end

-- For the pool: the host that the room is bound to, and who is here; three empty values when it is bound to none.
local function presence()
  local host = redis.call('GET', HOST)
  if not host then return '', '', {} end
  return host, text(lastNumber('version')), redis.call('HGETALL', MEMBERS)
end
