-- What a heartbeat changes in a host's record.

-- In a new room nobody has been seen yet; a game server has none.
local function forgetRoom(host)
  host.inRoom, host.version, host.loneAt, host.bindAt, host.doubt, host.clients = 0, 0, 0, 0, 0, 0
  host.member, host.seen, host.unsure, host.lone, host.hostless = false, false, false, false, false
end

-- Take a heartbeat's report over into the record. Scripts that do so take it as their first arguments.
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
-- ARGV[11] canBind    1 if who calls can ask signaling who is in a room
local function applyReport(host)
  local hostId, roomId, address = ARGV[1], ARGV[2], ARGV[3] ~= '' and ARGV[3]
  if host.roomId ~= roomId or (host.address and true) ~= (address and true) then
    forgetRoom(host)
    host.pending = not address and ARGV[11] == '1'
  end
  local told = tonumber(ARGV[7])
  host.roomId, host.address, host.status = roomId, address, ARGV[4]
  host.capacity, host.reported = tonumber(ARGV[5]), tonumber(ARGV[6])
  host.told = told >= 0 and told
  host.opened = tonumber(ARGV[8])
  host.leaseTtlMs = tonumber(ARGV[10])
  host.since = 0
  settleSessions(hostId, host, false)
  redis.call('ZADD', HOSTS, now + tonumber(ARGV[9]), hostId)
end

-- Whether the host's room should be asked who is in it (0 or 1).
local function dueBind(host)
  return ARGV[11] == '1' and not host.address and host.bindAt <= now and 1 or 0
end

-- Whether the keys outside the region should be refreshed: about every 5 minutes (0 or 1).
local function dueRefresh(host)
  if host.refreshAt > now then return 0 end
  host.refreshAt = now + 300000
  return 1
end
