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

-- Microseconds since 1970, on Redis' clock.
local function clock()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Whether the member taken for a host may be a client (`pool-presence`).
local DOUBT, DOUBT_WITH_SLOT = 1, 2

local nowMicros = clock()
local now = math.floor(nowMicros / 1000)

-- A number as part of a text: scores and times have more digits than Lua itself would write. Redis writes all of them
-- where a number is an argument.
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
  -- Who is taken for the host, and may be a client, has one of the leases – or had it, when that ends.
  local promised = host.doubt == DOUBT_WITH_SLOT and math.max(1, host.leased) or host.leased
  -- A room that the host holds open counts in its report, and still has its lease.
  local believed = host.reported - math.max(0, promised - host.opened) - host.since
  local counted = host.capacity - promised - host.sessions
  return math.max(0, math.min(believed, counted))
end

-- A host's record is stored as an array; `false` stands for "none". It is written out both ways, field by field: a loop
-- over names takes as long as all the rest of a heartbeat's script.
local function unpackHost(packed)
  local v = cmsgpack.unpack(packed)
  return {
    roomId = v[1], address = v[2], status = v[3], capacity = v[4], reported = v[5], told = v[6],
    leased = v[7], sessions = v[8], since = v[9], inRoom = v[10],
    member = v[11], seen = v[12], unsure = v[13], version = v[14], lone = v[15], loneAt = v[16], pending = v[17],
    assignedAt = v[18], bindAt = v[19], refreshAt = v[20], leaseTtlMs = v[21], free = v[22],
    opened = v[23], doubt = v[24], hostless = v[25], clients = v[26], taken = v[27],
  }
end

local function packHost(host)
  return cmsgpack.pack({
    host.roomId, host.address, host.status, host.capacity, host.reported, host.told,
    host.leased, host.sessions, host.since, host.inRoom,
    host.member, host.seen, host.unsure, host.version, host.lone, host.loneAt, host.pending,
    host.assignedAt, host.bindAt, host.refreshAt, host.leaseTtlMs, host.free,
    host.opened, host.doubt, host.hostless, host.clients, host.taken,
  })
end

-- A host's record, or nil. `was` is what of it stands in Redis.
local function load(hostId)
  local packed = redis.call('HGET', STATE, hostId)
  if not packed then return nil end
  local host = unpackHost(packed)
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
  redis.call('ZADD', FREE[kind], free * TIME_SPAN + TIME_SPAN - 1 - age, hostId)
  redis.call('ZADD', LOAD[kind], loaded * TIME_SPAN + age, hostId)
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
  -- Who looked at several regions in vain can tell whether a slot came free behind its back.
  if host.free > was.free then redis.call('HSET', TOTALS, 'rises', whole(nowMicros)) end
  local packed = packHost(host)
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
