-- The pool of one region: keys, clock, hosts' records, and the index that hosts are picked from. Every pool script
-- declares the same keys in the same order.
local HOSTS, STATE = KEYS[1], KEYS[2]
local FREE = { streaming = KEYS[3], game = KEYS[5] }
local LOAD = { streaming = KEYS[4], game = KEYS[6] }
local LEASES, LEASE_HOSTS, HOST_LEASES, TOTALS = KEYS[7], KEYS[8], KEYS[9], KEYS[10]

-- Most entries that one call retires: what is due beyond that waits for the next call.
local RETIRE_MAX = 64

-- A score holds a number (13 bits) before a time in ms since 2025 (40 bits, until 2059): together what a double keeps.
local TIME_SPAN, NUMBER_MAX, EPOCH_MS = 2 ^ 40, 8191, 1735689600000

-- A host's record is stored as an array in this order; `false` stands for "none".
local FIELDS = {
  'roomId', 'address', 'status', 'capacity', 'reported', 'players',
  'leased', 'sessions', 'since', 'inRoom',
  'member', 'seen', 'unsure', 'version', 'lone', 'loneAt', 'pending',
  'assignedAt', 'bindAt', 'refreshAt', 'leaseTtlMs', 'free',
}

-- Microseconds since 1970, on Redis' clock.
local function clock()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local nowMicros = clock()
local now = math.floor(nowMicros / 1000)

-- A number as text without an exponent: scores and times have more digits than Lua prints by itself.
local function whole(number)
  return string.format('%.0f', number)
end

local function kindOf(host)
  return host.address and 'game' or 'streaming'
end

-- What can be promised now. The first bound trusts a host that knows more than we do (it may serve others too), the
-- second one holds for a host that always says "idle". A host that left its signaling room would leave clients waiting.
local function freeSlots(host)
  local absent = host.seen and not host.member
  if host.status ~= 'idle' or host.pending or absent then return 0 end
  local believed = host.reported - host.leased - host.since
  local counted = host.capacity - host.leased - host.sessions
  return math.max(0, math.min(believed, counted))
end

-- A host's record, or nil.
local function load(hostId)
  local packed = redis.call('HGET', STATE, hostId)
  if not packed then return nil end
  local values, host = cmsgpack.unpack(packed), {}
  for at, field in ipairs(FIELDS) do host[field] = values[at] end
  host.was = {
    packed = packed,
    free = host.free,
    kind = kindOf(host),
    capacity = host.capacity,
    assignedAt = host.assignedAt,
  }
  return host
end

local function unindex(hostId, was)
  if was.free == 0 then return end
  redis.call('ZREM', FREE[was.kind], hostId)
  redis.call('ZREM', LOAD[was.kind], hostId)
  redis.call('HINCRBY', TOTALS, was.kind, -was.free)
end

local function index(hostId, host, was)
  local kind, age = kindOf(host), math.max(0, host.assignedAt - EPOCH_MS)
  age = math.min(age, TIME_SPAN - 1)
  local loaded = math.floor((host.capacity - host.free) / host.capacity * NUMBER_MAX)
  local free = math.min(host.free, NUMBER_MAX)
  redis.call('ZADD', FREE[kind], whole(free * TIME_SPAN + TIME_SPAN - 1 - age), hostId)
  redis.call('ZADD', LOAD[kind], whole(loaded * TIME_SPAN + age), hostId)
  if host.free ~= was.free then redis.call('HINCRBY', TOTALS, kind, host.free - was.free) end
end

-- Write a host's record, and its place in the index, where they changed.
local function save(hostId, host)
  local was = host.was or { free = 0, kind = kindOf(host) }
  host.free = freeSlots(host)
  if host.free == 0 or was.kind ~= kindOf(host) then
    unindex(hostId, was)
    was.free = 0
  end
  local moved = host.free ~= was.free or host.capacity ~= was.capacity or host.assignedAt ~= was.assignedAt
  if host.free > 0 and moved then index(hostId, host, was) end
  local values = {}
  for at, field in ipairs(FIELDS) do values[at] = host[field] or false end
  local packed = cmsgpack.pack(values)
  if packed ~= was.packed then redis.call('HSET', STATE, hostId, packed) end
end

-- Forget a host. Its leases stay until they expire: if it comes back before, they still count.
local function drop(hostId)
  local host = load(hostId)
  if host then unindex(hostId, host.was) end
  redis.call('HDEL', STATE, hostId)
  redis.call('ZREM', HOSTS, hostId)
end

-- Whether a host heartbeats; one that is due counts as dead, retired or not.
local function alive(hostId)
  local expiresAt = redis.call('ZSCORE', HOSTS, hostId)
  return expiresAt and tonumber(expiresAt) > now
end
