-- A host joins the region, with leases that it had elsewhere or that stand here from before. Safe to repeat.
-- Where Redis has lost the region, it has lost leases too, and nobody knows which: until the last of them has ended, all
-- slots of a host that registers count as promised.
-- KEYS[1] hosts          hosts by the end of their TTL
-- KEYS[2] state          records of hosts
-- KEYS[3] freeStreaming  streaming hosts by free slots
-- KEYS[4] loadStreaming  streaming hosts by load
-- KEYS[5] freeGame       game servers by free slots
-- KEYS[6] loadGame       game servers by load
-- KEYS[7] leases         leases by their end
-- KEYS[8] leaseHosts     seats and host of each lease
-- KEYS[9] hostLeases     leases of each host
-- KEYS[10] totals        free slots by kind, leased seats, and the reaper's term
-- KEYS[11] claim         number of the last claim of the host that was carried out here
-- ARGV[1] hostId      the host
-- ARGV[2] roomId      its room
-- ARGV[3] address     host:port of a game server, or empty
-- ARGV[4] status      idle, busy or allocated
-- ARGV[5] capacity    slots in all
-- ARGV[6] reported    slots free, by its own count
-- ARGV[7] told        sessions in the rooms that it reports, or -1 if it reports none
-- ARGV[8] opened      rooms that it holds open and nobody has come to
-- ARGV[9] hostTtlMs   until it counts as dead (ms)
-- ARGV[10] leaseTtlMs  how long a promise of its slots stands (ms)
-- ARGV[11] canBind    1 if who calls can ask signaling who is in a room: the host then waits for that
-- ARGV[12] claim      number of the claim that this carries out
-- ARGV[13] seen       what was seen of it in its room, or empty
-- ARGV[14] others     how many other regions may know it
-- ARGV[15] knownForMs  how long who calls has known the region, or 0 (ms)
-- ARGV[16…] leases carried over, each as: its id, its seats, its end (ms since 1970)
-- Returns {'ok', bind, 0}: whether to ask its room (0 or 1); or {'superseded', number of a later claim}
retire()
local hostId = ARGV[1]

-- Clocks of others do not run as this one does, but none is wrong by so much in the time of a lease.
local CLOCK_SLACK_MS = 100

-- Since when the region is there (ms); one that has hosts or leases already was there before anybody noted it.
local function noteBirth()
  local born = redis.call('HGET', TOTALS, 'born')
  if not born then
    born = redis.call('EXISTS', HOSTS, LEASES) == 0 and whole(now) or '0'
    redis.call('HSET', TOTALS, 'born', born)
  end
  redis.call('PERSIST', TOTALS)
  return tonumber(born)
end

local function promiseLost(hostId, capacity, untilMs, at)
  writeLease(string.format('%014x', at) .. LOST, hostId, capacity, untilMs)
end

-- Who registered where nobody knew of the loss yet has all its slots promised from now on; those of the first few, since
-- no others can be there so soon.
local function promiseEarlier(untilMs)
  for nth, hostId in ipairs(redis.call('ZRANGE', HOSTS, 0, RETIRE_MAX - 1)) do
    local host = load(hostId)
    if host then
      promiseLost(hostId, host.capacity, untilMs, nowMicros - nth)
      host.leased = host.leased + host.capacity
      save(hostId, host)
    end
  end
end

-- Leases may stand that Redis has lost if somebody knew the region before it was there. One that knows says so to all.
local function noteLoss()
  local born, knownForMs, untilMs = noteBirth(), tonumber(ARGV[15]), lostUntil()
  local isLost = knownForMs > 0 and now - knownForMs < born - CLOCK_SLACK_MS
  local endsAt = isLost and born + tonumber(ARGV[10]) or 0
  if endsAt <= math.max(now, untilMs) then return untilMs end
  redis.call('HSET', TOTALS, 'lostUntil', whole(endsAt))
  if untilMs < born then promiseEarlier(endsAt) end
  return endsAt
end

local later = laterClaim(ARGV[12], ARGV[14] == '0')
if later then return { 'superseded', later } end
local untilMs = noteLoss()
for at = 16, #ARGV, 3 do writeLease(ARGV[at], hostId, ARGV[at + 1], tonumber(ARGV[at + 2])) end
local host = load(hostId)
local isNew = not host
if isNew then
  host = { free = 0, since = 0, inRoom = 0, pending = false, assignedAt = now, refreshAt = 0 }
end
if isNew and untilMs > now then promiseLost(hostId, ARGV[5], untilMs, nowMicros) end
host.leased = 0
for _, leaseId in ipairs(leasesOf(hostId, -1)) do host.leased = host.leased + readLease(leaseId) end
-- A report from before the move counts its sessions already: they are no reason to take a lease up.
host.sessions, host.taken = math.huge, math.huge
applyReport(host)
if isNew and recallSeen(host, ARGV[13]) then
  host.sessions, host.taken = math.huge, math.huge
  settleSessions(hostId, host, false)
end
-- Its next heartbeat refreshes the keys outside the region: who registers may not live to write them.
save(hostId, host)
return { 'ok', dueBind(host), 0 }
