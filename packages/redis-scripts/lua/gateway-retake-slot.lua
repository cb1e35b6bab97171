-- Promise a room its slot anew, where the lease that held it ended while its host was gone, or Redis lost it. Which lease it
-- is stays the same.
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
-- ARGV[1] leaseId  the lease
-- ARGV[2] hostId   the host that the room is on
-- ARGV[3] ttlMs    how long the promise stands (ms)
-- ARGV[4] left     1: a session of the host is about to end, and its slot is the room's
-- ARGV[5…] leases of rooms that the host counts as sessions
-- Returns {'leased'}; {'stands'}: it did not end; {'counted'}: the host counts the room itself; or {'none'}: no slot is free
retire()
local leaseId, hostId = ARGV[1], ARGV[2]
if readLease(leaseId) then return { 'stands' } end
local host = load(hostId)
if not host or not alive(hostId) then return { 'none' } end
-- Who tells of sessions, but not in which rooms, took the lease up with one of them.
if not host.told and toldSessions(host) > 0 then return { 'counted' } end

-- All slots of the host count as promised by leases that Redis has lost (pool-register): this was one of them.
local function takeFromLost()
  for _, lostId in ipairs(leasesOf(hostId, -1)) do
    if isLostLease(lostId) then
      shrinkLease(lostId, hostId, readLease(lostId), 1)
      host.leased = host.leased - 1
      return true
    end
  end
  return false
end

-- A session takes up the oldest lease of its host, whichever room it is in: that may have been this one. Then the lease of the
-- room that is played in stands for this one.
local function takeOver()
  for at = 5, #ARGV do
    local seats, of = readLease(ARGV[at])
    if of == hostId then
      deleteLease(ARGV[at], hostId, seats)
      host.leased = host.leased - seats
      return true
    end
  end
  return false
end
local isLeft = ARGV[4] == '1' and host.sessions > 0
if not takeOver() and not takeFromLost() and not isLeft and host.free < 1 then return { 'none' } end
writeLease(leaseId, hostId, 1, now + tonumber(ARGV[3]))
host.leased = host.leased + 1
save(hostId, host)
return { 'leased' }
