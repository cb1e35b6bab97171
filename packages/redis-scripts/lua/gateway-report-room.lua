-- What a host's heartbeat means for one of its rooms: confirmed, kept, emptied, closed, or not its own any more.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] hostId      whose heartbeat it is
-- ARGV[2] players     players that it reports; -1: it reports rooms, but not this one; -2: it reports no rooms at all
-- ARGV[3] keepMs      a room that is used stands for this long after a heartbeat (ms)
-- ARGV[4] emptyMs     a room that the host does not report stands empty for this long (ms)
-- ARGV[5] seatTtlMs   how long a promised seat stands (ms)
-- ARGV[6] region      where the host is now
-- ARGV[7] address     host:port of a game server now; empty for a streaming host
-- ARGV[8] hostRoomId  the host's own signaling room now
-- ARGV[9] version     of the record, as far as the caller knows it; empty when it does not
-- Returns {'kept', moves, leaseId, …}: its slot is a session's; {'leased', moves, region, leaseId, forMs, left, …}: kept, and only
-- its lease holds its slot, for so long; left is 1 where those who played have just gone, and their session with them; {'waiting', moves, region, leaseId, expiresAtMs, …}: the host has yet to open it; {'unconfirmed', …the same}: it did
-- not in time; {'closed', moves, region, leaseId}; {'other', moves}: it is another host's; or {'missing', 0}. Where there is
-- an … a list follows: for how long the room stands (ms), its version, promised seats, and its record (field, value, ...);
-- only the first of these where the caller knows that version
if not exists() then return { 'missing', 0 } end
local players, state, moves = tonumber(ARGV[2]), get('state'), movesSoFar()
if get('hostId') ~= ARGV[1] then return { 'other', moves } end
local NOT_NAMED, NO_ROOMS = -1, -2

-- A host may come back in another region, or at another address: its rooms are where it is.
if get('region') ~= ARGV[6] or get('address') ~= ARGV[7] or get('hostRoomId') ~= ARGV[8] then
  local isElsewhere = get('address') ~= ARGV[7]
  set('region', ARGV[6], 'address', ARGV[7], 'hostRoomId', ARGV[8])
  if isElsewhere and state ~= 'migrating' then tell('migrated', 'hostId', ARGV[1], 'address', ARGV[7]) end
end

-- With each answer of a room that stands: what the caller needs to write it again, should Redis lose it.
local function standing(answer)
  local version = table.concat({ get('epoch'), get('edits') or 0, get('seatNumber') or 0, get('players') }, '.')
  local about = {}
  if version ~= ARGV[9] then
    about = redis.call('HGETALL', RECORD)
    table.insert(about, 1, version)
    table.insert(about, 2, whole(pendingSeats()))
  end
  table.insert(about, 1, whole(tonumber(get('expiresAtMs')) - now))
  answer[#answer + 1] = about
  return answer
end

local function waiting()
  -- One that is to move anyway may have been open there: its host said goodbye, and is back without it.
  local isLate = state == 'migrating' or now >= openUntil(get('placedAtMs'), get('leaseEndsAtMs'))
  local status = isLate and 'unconfirmed' or 'waiting'
  return standing({ status, moves, get('region'), get('leaseId'), get('expiresAtMs') })
end

local function closed(reason)
  local region, leaseId = get('region'), get('leaseId')
  close(reason)
  return { 'closed', moves, region, leaseId }
end

-- From now on the host tells who came: seats that were promised for good are promised for a while.
local function believe()
  if get('reports') then return end
  local promised = pendingSeats()
  redis.call('DEL', SEATS)
  promiseSeats(promised, whole(now + tonumber(ARGV[5])))
  set('reports', 1)
end

if players == NOT_NAMED then
  if state ~= 'open' then return waiting() end
  return closed('the host closed it')
end

local isReported, had = players ~= NO_ROOMS, tonumber(get('players'))
if isReported then
  believe()
else
  local isOpened
  isOpened, players = seenInSignaling(ARGV[7])
  if state ~= 'open' and not isOpened then return waiting() end
end
notePlayers(players)
if state ~= 'open' then
  if state == 'migrating' then tell('migrated', 'hostId', ARGV[1], 'address', get('address')) end
  -- A host that is back before its room was placed elsewhere keeps it: who is about to place it sees another epoch.
  set('state', 'open', 'unconfirmed', 0)
  redis.call('HDEL', RECORD, 'avoid')
  redis.call('HINCRBY', RECORD, 'epoch', 1)
end

-- A room that nobody plays in has its slot by its lease alone, and ends when that does.
local function leased()
  local forMs = math.max(1, tonumber(get('expiresAtMs')) - now)
  local left = isReported and had > 0 and 1 or 0
  return standing({ 'leased', moves, get('region'), get('leaseId'), whole(forMs), left })
end

if isReported then
  local pending = pendingSeats()
  if players == 0 and had > 0 and pending == 0 then return closed('everybody left') end
  -- One that nobody comes to ends when its first lease would have.
  if players > 0 or pending > 0 then keepUntil(now + tonumber(ARGV[3])) end
  if players > 0 then return standing({ 'kept', moves, get('leaseId') }) end
  return leased()
end

local function leasedFor(ms)
  keepUntil(now + tonumber(ms))
  return leased()
end
if players > 0 then
  set('used', 1)
  return leasedFor(ARGV[3])
end
-- Nor may the lease of one that was about to move be as long as the room: it was looked a new host for so long.
if redis.call('HDEL', RECORD, 'used') == 1 or state == 'migrating' then return leasedFor(ARGV[4]) end
return leased()
