-- Promise slots of one host: pick it, check it, lease. All seats or none.
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
-- ARGV[1] hostId      that host or nothing; empty for any
-- ARGV[2] kinds       kinds of host that will do, best first: streaming, game
-- ARGV[3] strategy    least-loaded, packed or random
-- ARGV[4] seats       slots, all on one host
-- ARGV[5] leaseTtlMs  how long the promise stands (ms)
-- ARGV[6] suffix      makes the id of the lease unique
-- ARGV[7] draw        a random number from 0 to 1, for the strategy random
-- ARGV[8] avoid       hosts that will not do, a line for each; empty for none
-- Returns {'leased', hostId, roomId, address, leaseId, expiresAtMs}, {'none'}, or {'again'}: nothing found, more was due
local more = retire()
local seats = tonumber(ARGV[4])

local function lease(hostId, host)
  local leaseId = string.format('%014x', nowMicros) .. ARGV[6]
  local expiresAt = now + tonumber(ARGV[5])
  writeLease(leaseId, hostId, seats, expiresAt)
  host.leased = host.leased + seats
  host.assignedAt = now
  save(hostId, host)
  return { 'leased', hostId, host.roomId, host.address or '', leaseId, expiresAt }
end

local function first(hosts)
  return hosts[1]
end

-- The host with the fewest slots that still fit; among equals the one whose last assignment is longest ago.
local function packed(free)
  local best = redis.call('ZRANGEBYSCORE', free, seats * TIME_SPAN, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if not best[1] then return nil end
  local slots = math.floor(tonumber(best[2]) / TIME_SPAN)
  local from, to = slots * TIME_SPAN, '(' .. whole((slots + 1) * TIME_SPAN)
  return first(redis.call('ZREVRANGEBYSCORE', free, to, from, 'LIMIT', 0, 1))
end

local function random(free)
  local fitting = redis.call('ZCOUNT', free, seats * TIME_SPAN, '+inf')
  if fitting == 0 then return nil end
  local rank = math.min(fitting - 1, math.floor(tonumber(ARGV[7]) * fitting))
  return first(redis.call('ZREVRANGE', free, rank, rank))
end

-- The lowest load; a party goes where most slots are free. Among equals the longest without an assignment.
local function leastLoaded(free, load)
  if seats == 1 then return first(redis.call('ZRANGE', load, 0, 0)) end
  return first(redis.call('ZREVRANGEBYSCORE', free, '+inf', seats * TIME_SPAN, 'LIMIT', 0, 1))
end

local function pick(kind)
  if ARGV[3] == 'packed' then return packed(FREE[kind]) end
  if ARGV[3] == 'random' then return random(FREE[kind]) end
  return leastLoaded(FREE[kind], LOAD[kind])
end

if ARGV[1] ~= '' then
  local host = load(ARGV[1])
  local fits = host and alive(ARGV[1]) and host.free >= seats and string.find(ARGV[2], kindOf(host), 1, true)
  if fits then return lease(ARGV[1], host) end
  return { more and 'again' or 'none' }
end

-- Leave hosts out of the index for as long as one is picked. Answers what puts them back.
local function setAside(names)
  local aside = {}
  for hostId in string.gmatch(names, '[^\n]+') do
    local host = load(hostId)
    if host and host.free > 0 then
      unindex(hostId, host.was)
      aside[hostId] = host
    end
  end
  return function()
    for hostId, host in pairs(aside) do index(hostId, host, { free = 0 }) end
  end
end

-- The best living host; nil for none, or when too many dead ones had to be retired.
local budget = RETIRE_MAX
local function choose()
  for kind in string.gmatch(ARGV[2], '%a+') do
    local hostId = pick(kind)
    while hostId and not alive(hostId) and budget > 0 do
      budget = budget - 1
      drop(hostId)
      hostId = pick(kind)
    end
    if hostId then return alive(hostId) and hostId or nil end
  end
end

local putBack = setAside(ARGV[8])
local hostId = choose()
putBack()
if hostId then return lease(hostId, load(hostId)) end
return { (more or budget == 0) and 'again' or 'none' }
