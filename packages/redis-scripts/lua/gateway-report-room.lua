-- What a host's heartbeat means for one of its rooms: confirmed, kept, emptied, closed, or not its own any more.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] hostId     whose heartbeat it is
-- ARGV[2] players    players that it reports; -1: it reports rooms, but not this one; -2: it reports no rooms at all
-- ARGV[3] keepMs     a room that is used stands for this long after a heartbeat (ms)
-- ARGV[4] seatTtlMs  how long a promised seat stands (ms)
-- Returns {'kept'}, {'leased', region, leaseId}: kept, and only its lease holds its slot, {'waiting', leaseId, leaseEndsAtMs}: the host has yet to open it, {'unconfirmed'}: it did not in time,
-- {'closed'}, {'other'}: it is another host's, or {'missing'}
if not exists() then return { 'missing' } end
if get('hostId') ~= ARGV[1] then return { 'other' } end
local players, state = tonumber(ARGV[2]), get('state')

-- A host has three quarters of the lease to open the room: then there is time to place it elsewhere before it ends.
local function waiting()
  local leaseEndsAt, placedAt = get('leaseEndsAtMs'), tonumber(get('placedAtMs'))
  local patience = (tonumber(leaseEndsAt) - placedAt) * 3 / 4
  if players == -1 and now >= placedAt + patience then return { 'unconfirmed' } end
  return { 'waiting', get('leaseId'), leaseEndsAt }
end

if players == -1 then
  if state ~= 'open' then return waiting() end
  close('the host closed it')
  return { 'closed' }
end

if players == -2 then
  local members = redis.call('HLEN', MEMBERS)
  if members == 0 then return state == 'open' and { 'kept' } or waiting() end
  players = members - 1
else
  if not get('reports') then
    -- From now on the host tells who came: seats that were promised for good are promised for a while.
    local promised = pendingSeats()
    redis.call('DEL', SEATS)
    promiseSeats(promised, whole(now + tonumber(ARGV[4])))
    set('reports', 1)
  end
  local came = players - tonumber(get('players'))
  if came > 0 then redis.call('ZPOPMIN', SEATS, came) end
end

local had = tonumber(get('players'))
set('players', players)
if state ~= 'open' then
  if state == 'migrating' then tell('migrated', 'hostId', ARGV[1], 'address', get('address')) end
  -- A host that is back before its room was placed elsewhere keeps it: who is about to place it sees another epoch.
  set('state', 'open', 'unconfirmed', 0)
  redis.call('HINCRBY', RECORD, 'epoch', 1)
end
local pending = pendingSeats()
if players == 0 and had > 0 and pending == 0 and ARGV[2] ~= '-2' then
  close('everybody left')
  return { 'closed' }
end
-- A room that nobody comes to ends when its first lease would have, and so does one with only its host in it.
local isLeased = ARGV[2] == '-2'
if players > 0 or (pending > 0 and not isLeased) then keepUntil(now + tonumber(ARGV[3])) end
if players > 0 and isLeased then return { 'leased', get('region'), get('leaseId') } end
return { 'kept' }
