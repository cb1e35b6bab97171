-- What a heartbeat changes in a host's record.

-- In a new room nobody has been seen yet; a game server has none.
local function forgetRoom(host)
  host.inRoom, host.version, host.loneAt, host.bindAt, host.doubt, host.clients = 0, 0, 0, 0, 0, 0
  host.member, host.seen, host.unsure, host.lone, host.hostless = false, false, false, false, false
end

-- `report`: roomId, address, status, capacity, reported, told, opened, hostTtlMs, leaseTtlMs,
-- canBind; as they came.
local function applyReport(hostId, host, report)
  local address = report.address ~= '' and report.address
  if host.roomId ~= report.roomId or (host.address and true) ~= (address and true) then
    forgetRoom(host)
    host.pending = not address and report.canBind == '1'
  end
  local told = tonumber(report.told)
  host.roomId, host.address, host.status = report.roomId, address, report.status
  host.capacity, host.reported = tonumber(report.capacity), tonumber(report.reported)
  host.told = told >= 0 and told
  host.opened = tonumber(report.opened)
  host.leaseTtlMs = tonumber(report.leaseTtlMs)
  host.since = 0
  settleSessions(hostId, host, false)
  redis.call('ZADD', HOSTS, now + tonumber(report.hostTtlMs), hostId)
end

-- Whether the host's room should be asked who is in it (0 or 1).
local function dueBind(host, canBind)
  return canBind == '1' and not host.address and host.bindAt <= now and 1 or 0
end

-- Whether the keys outside the region should be refreshed: about every 5 minutes (0 or 1).
local function dueRefresh(host)
  if host.refreshAt > now then return 0 end
  host.refreshAt = now + 300000
  return 1
end
