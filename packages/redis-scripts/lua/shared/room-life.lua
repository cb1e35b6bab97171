-- The record of a room that a gateway made: clock, seats, events, end. Every script of a room's life declares the same
-- keys in the same order.
local RECORD, SEATS, EVENTS, MEMBERS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

-- Events are told to those who watch a room; the last few are kept for those who come back within this time.
local EVENTS_MAX, EVENTS_TTL_MS = 64, 600000

-- A record outlives its own end for so long, so that whoever looks after it can say that it ended, and why.
local GRACE_MS = 10000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function whole(number)
  return string.format('%.0f', number)
end

local function get(field)
  return redis.call('HGET', RECORD, field)
end

local function set(...)
  redis.call('HSET', RECORD, ...)
end

-- How often the room changed hosts.
local function movesSoFar()
  return tonumber(get('moves') or 0)
end

-- Tell an event: its type, then fields and values.
local function tell(kind, ...)
  redis.call('XADD', EVENTS, 'MAXLEN', EVENTS_MAX, '*', 'type', kind, 'at', whole(now), ...)
  redis.call('PEXPIRE', EVENTS, EVENTS_TTL_MS)
end

local function keepUntil(untilMs)
  set('expiresAtMs', whole(untilMs))
  redis.call('PEXPIREAT', RECORD, whole(untilMs + GRACE_MS))
  redis.call('PEXPIREAT', SEATS, whole(untilMs + GRACE_MS))
end

-- Whether the room is there; one whose time is over is not, though its record may still be.
local function exists()
  local expiresAt = get('expiresAtMs')
  return expiresAt and (tonumber(expiresAt) > now or get('state') == 'migrating')
end

local function close(reason)
  redis.call('DEL', RECORD, SEATS)
  tell('closed', 'reason', reason)
end

-- Until when a host may open a room that it was given: three quarters of the lease. Then there is time to place it elsewhere
-- before that ends.
local function openUntil(placedAtMs, leaseEndsAtMs)
  return tonumber(placedAtMs) + (tonumber(leaseEndsAtMs) - tonumber(placedAtMs)) * 3 / 4
end

-- Seats promised to players who have not come yet; one whose time is over is given back.
local function pendingSeats()
  redis.call('ZREMRANGEBYSCORE', SEATS, '-inf', whole(now))
  return redis.call('ZCARD', SEATS)
end

-- So many players are there. Each one more has taken up a seat that was promised.
local function notePlayers(players)
  local came = players - tonumber(get('players'))
  if came > 0 then redis.call('ZPOPMIN', SEATS, came) end
  if came ~= 0 then set('players', players) end
end

-- Whether players are counted where they meet: in signaling, with a streaming host that does not report them itself.
local function meetsInSignaling(address, reports)
  return address == '' and not reports
end

-- Who is in the signaling room: how many members, and whether one may be the host, which has answered, or is silent and no
-- browser: clients offer as soon as they come.
local function presence()
  local members, hasHost = redis.call('HVALS', MEMBERS), false
  for _, member in ipairs(members) do
    local evidence = string.match(member, '^%S+ (%S+)')
    hasHost = hasHost or evidence == 'answered' or evidence == 'none'
  end
  return #members, hasHost
end

-- What signaling says of a room where its host says nothing: whether it is open, and how many play. A streaming host opens a
-- room by being in it. A game server is not in it; its players may be, to talk.
local function seenInSignaling(address)
  local members, hasHost = presence()
  if address ~= '' then return members > 0, members end
  return hasHost, members - (hasHost and 1 or 0)
end

local function noteWhoMeets()
  local members, hasHost = presence()
  notePlayers(members - (hasHost and 1 or 0))
end

local function takenSeats()
  if meetsInSignaling(get('address'), get('reports')) then noteWhoMeets() end
  return tonumber(get('players')) + pendingSeats()
end

local function promiseSeats(count, untilMs)
  for _ = 1, count do
    redis.call('ZADD', SEATS, untilMs, redis.call('HINCRBY', RECORD, 'seatNumber', 1))
  end
end

-- A record as field, value, ... after a status word, with the seats taken.
local function answerWith(status, record, taken)
  table.insert(record, 1, status)
  record[#record + 1] = 'taken'
  record[#record + 1] = whole(taken)
  return record
end

local function withRecord(status)
  return answerWith(status, redis.call('HGETALL', RECORD), takenSeats())
end
