-- Leases of one region's pool: promised slots, each until it is taken up, given back or expires.

-- A host's leases stand in one sorted set in the order they were made: ids begin with
-- their time (µs).
local function ofHost(hostId, leaseId)
  return hostId .. '\0' .. (leaseId or '')
end

-- The lease's seats and host, or nil.
local function readLease(leaseId)
  local text = redis.call('HGET', LEASE_HOSTS, leaseId)
  if not text then return nil end
  local seats, hostId = string.match(text, '^(%d+) (.*)$')
  return tonumber(seats), hostId
end

-- Seats under leases, for the overview: a running total, so that nobody has to count.
local function addLeased(seats)
  if seats ~= 0 then redis.call('HINCRBY', TOTALS, 'leased', seats) end
end

-- A lease for a room that a gateway made has an `r` after its time: it holds the slot of a room that meets elsewhere than
-- in its host's own room.
local function isForRoom(leaseId)
  return string.sub(leaseId, 15, 15) == 'r'
end

-- What stands for the leases of a host that Redis has lost, nobody knows which, ends with this after its time.
local LOST = 'lost'
local function isLostLease(leaseId)
  return string.sub(leaseId, 15) == LOST
end

-- Until when such leases may stand; 0 where none was lost.
local function lostUntil()
  return tonumber(redis.call('HGET', TOTALS, 'lostUntil') or 0)
end

-- Writing a lease that stands already replaces it.
local function writeLease(leaseId, hostId, seats, expiresAt)
  addLeased(seats - (readLease(leaseId) or 0))
  redis.call('ZADD', LEASES, expiresAt, leaseId)
  redis.call('HSET', LEASE_HOSTS, leaseId, seats .. ' ' .. hostId)
  redis.call('ZADD', HOST_LEASES, 0, ofHost(hostId, leaseId))
end

local function deleteLease(leaseId, hostId, seats)
  addLeased(-seats)
  redis.call('ZREM', LEASES, leaseId)
  redis.call('HDEL', LEASE_HOSTS, leaseId)
  redis.call('ZREM', HOST_LEASES, ofHost(hostId, leaseId))
end

-- Some of a lease's seats are promised by it no more. The host's record is the caller's to write.
local function shrinkLease(leaseId, hostId, seats, by)
  if by == seats then return deleteLease(leaseId, hostId, seats) end
  redis.call('HSET', LEASE_HOSTS, leaseId, (seats - by) .. ' ' .. hostId)
  addLeased(-by)
end

-- End a lease whose slot nobody took up. Answers whether there was one.
local function returnLease(leaseId)
  local seats, hostId = readLease(leaseId)
  if not seats then
    redis.call('ZREM', LEASES, leaseId)
    return false
  end
  deleteLease(leaseId, hostId, seats)
  local host = load(hostId)
  if host then
    host.leased = host.leased - seats
    save(hostId, host)
  end
  return true
end

-- A host's leases, oldest first; all when `count` is -1.
local function leasesOf(hostId, count)
  local prefix = ofHost(hostId)
  local members = redis.call('ZRANGEBYLEX', HOST_LEASES, '[' .. prefix, '(' .. prefix .. '\255', 'LIMIT', 0, count)
  for at, member in ipairs(members) do members[at] = string.sub(member, #prefix + 1) end
  return members
end

-- Seats of a host's leases take their place: the oldest leases first, a party's seat by seat. Who came to the host's own
-- room did not come for a room that meets elsewhere.
local function takeUp(hostId, host, count, inOwnRoom)
  for _, leaseId in ipairs(leasesOf(hostId, inOwnRoom and -1 or count)) do
    if count <= 0 then return end
    if not (inOwnRoom and isForRoom(leaseId)) then
      local seats = readLease(leaseId)
      local taken = math.min(seats, count)
      shrinkLease(leaseId, hostId, seats, taken)
      host.leased = host.leased - taken
      count = count - taken
    end
  end
end

-- Sessions that a host itself tells of. Where clients are seen to come through a signaling room, a number of slots
-- says nothing of whose they are: the host may serve others too.
local function toldSessions(host)
  if host.told then return host.told end
  if host.seen then return 0 end
  return math.max(0, host.capacity - host.reported)
end

-- Count a host's sessions anew, from its report and from its room. Each one more takes a lease up.
local function settleSessions(hostId, host, sinceReport)
  local sessions = math.max(host.inRoom, toldSessions(host))
  local rise = sessions - host.sessions
  local taken = math.max(host.clients, toldSessions(host))
  local more = taken - host.taken
  if more > 0 then takeUp(hostId, host, more, toldSessions(host) < taken) end
  host.taken = taken
  if sinceReport then host.since = math.max(0, host.since + rise) end
  host.sessions = sessions
end

-- Retire the hosts and leases that are due, a bounded number of them. Answers whether more may be due.
local function retire()
  local hosts = redis.call('ZRANGEBYSCORE', HOSTS, '-inf', now, 'LIMIT', 0, RETIRE_MAX)
  for _, hostId in ipairs(hosts) do drop(hostId) end
  local leases = redis.call('ZRANGEBYSCORE', LEASES, '-inf', now, 'LIMIT', 0, RETIRE_MAX)
  for _, leaseId in ipairs(leases) do returnLease(leaseId) end
  return #hosts == RETIRE_MAX or #leases == RETIRE_MAX, #hosts, #leases
end
