-- A room is to leave its host. Whoever begins last may finish: earlier ones see another epoch.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] hostId  the host that it is to leave
-- ARGV[2] keepMs  how long a new host is looked for (ms)
-- Returns {'moving', moves, epoch, where, address, region, leaseId, avoid} with where it was, and the hosts that did not open
-- it, a line for each; {'elsewhere', moves, hostId, state, region, leaseId, forMs}: it is on that host, and until it
-- opened it there for so long; {'closed', moves, region, leaseId}: none was found in time; or {'missing', 0}
-- A room that so many hosts in a row did not open is not tried on yet another.
local UNCONFIRMED_MAX = 3

if not exists() then return { 'missing', 0 } end
local state, moves = get('state'), movesSoFar()
if get('hostId') ~= ARGV[1] then
  local forMs = math.max(0, tonumber(get('expiresAtMs')) - now)
  return { 'elsewhere', moves, get('hostId'), state, get('region'), get('leaseId'), forMs }
end

local function giveUp(reason)
  local region, leaseId = get('region'), get('leaseId')
  close(reason)
  return { 'closed', moves, region, leaseId }
end

if tonumber(get('unconfirmed') or 0) >= UNCONFIRMED_MAX then return giveUp('no host took it') end
if state ~= 'migrating' then
  if state == 'placed' then
    local avoid = get('avoid')
    set('avoid', (avoid and avoid .. '\n' or '') .. ARGV[1])
  end
  set('state', 'migrating')
  keepUntil(now + tonumber(ARGV[2]))
  tell('migrating')
elseif tonumber(get('expiresAtMs')) <= now then
  local why = get('avoid') and 'its host did not open it' or 'its host is gone'
  return giveUp(why .. ', and no other had a free slot in time')
end
local epoch = redis.call('HINCRBY', RECORD, 'epoch', 1)
return { 'moving', moves, epoch, get('where'), get('address'), get('region'), get('leaseId'), get('avoid') or '' }
