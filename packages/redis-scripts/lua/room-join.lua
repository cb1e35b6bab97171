-- Members of one instance enter a room, or are confirmed in it: whoever is there already just stays. Retires members
-- of dead instances first, but for those that speak parley.v1 and may come back (room-retire). New members get what was held for them; those that find the room full are named.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- KEYS[7] grants   tokens of the room's limit (limit-draw)
-- ARGV[1] publish     PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs     the room's keys live for this long while it has members (ms)
-- ARGV[3] ttlMs       and for this long without (ms)
-- ARGV[4] instanceId  the members' instance
-- ARGV[5] capacity    most members
-- ARGV[6] since       number of the last entry that the instance has seen, or empty: then none are returned
-- ARGV[7] heldTtlMs   what was held for longer is dropped (ms)
-- ARGV[8] count       number of members
-- ARGV[9] draw        tokens to grant if a member enters, so that its first message need not ask: want, limit, windowMs,
-- lifeMs, bucketMs, quietMs and longerMs of limit-draw, with blanks between them; or empty
-- ARGV[10…] each member as: its id, its evidence, its order or empty; then the dead instances
-- Returns {'ok', seq, members, refused ids, held, entries since, how many were added, what was granted (limit-draw
-- without its first word) or nothing, host, version, facts}; members and facts as HGETALL
local FIRST = 10
local publish, aliveMs, instanceId = ARGV[1], ARGV[2], ARGV[4]
local capacity, count = tonumber(ARGV[5]), tonumber(ARGV[8])

local dead, anyDead = {}, false
for i = FIRST + 3 * count, #ARGV do
  dead[ARGV[i]] = true
  anyDead = true
end
if anyDead then removeMembers(publish, aliveMs, ARGV[3], plainMembersOf(dead)) end

local size = redis.call('HLEN', MEMBERS)
local before = size
beginNumbers()
-- What an instance that died with everybody else left behind is nobody's.
if before == 0 then redis.call('DEL', HELD) end
local added, refused = {}, {}
for i = FIRST, FIRST - 3 + 3 * count, 3 do
  local id, evidence, order = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if before == 0 or redis.call('HEXISTS', MEMBERS, id) == 0 then
    if size >= capacity then
      refused[#refused + 1] = id
    else
      size = size + 1
      added[#added + 1] = id
      local version = text(nextNumber('version'))
      redis.call('HSET', MEMBERS, id, instanceId .. ' ' .. evidence .. ' ' .. (order ~= '' and order or version))
    end
  end
end

-- Nobody listens to a room that was empty.
local held = {}
if #added > 0 and before > 0 then
  append(publish, aliveMs, 'j\n' .. instanceId .. '\n' .. table.concat(added, '\n'))
  held = giveHeld(added[1], ARGV[7])
end
-- Whoever is confirmed may have joined by a call whose answer was lost: what was given to it then still is for it.
local given = #added == 0 and redis.call('HGET', STATE, 'given')
for i = FIRST, FIRST - 3 + 3 * count, 3 do
  if given == ARGV[i] and redis.call('HEXISTS', MEMBERS, given) == 1 then held = giveHeld(given, ARGV[7]) end
end

local seq = lastNumber(SEQ)
local entries, hasAll = {}, ARGV[6] ~= ''
if hasAll and tonumber(ARGV[6]) < seq then
  entries = redis.call('LRANGE', LOG, text(tonumber(ARGV[6]) - seq), -1)
  hasAll = #entries == seq - tonumber(ARGV[6])
end
-- Who is refused keeps nobody's place: those who were here may be gone.
if #refused < count then redis.call('PEXPIRE', MEMBERS, aliveMs) end
redis.call('PEXPIRE', STATE, aliveMs)
if #added == 0 then
  -- What was held since nobody seemed to hear it has been heard after all: this instance has it from the log.
  if hasAll and size > 1 and #held == 0 then
    for _, message in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
      local sender = redis.call('HGET', MEMBERS, string.match(message, '^%d+\n(%S+) '))
      if sender and readMember(sender) ~= instanceId then redis.call('LREM', HELD, 1, message) end
    end
  end
  redis.call('PEXPIRE', LOG, aliveMs)
  redis.call('PEXPIRE', HELD, aliveMs)
end

-- Only now, and whatever becomes of it: a limit must not cost a join.
local function drawForRoom()
  local numbers = {}
  for number in string.gmatch(ARGV[9], '%d+') do numbers[#numbers + 1] = tonumber(number) end
  local time = redis.call('TIME')
  return drawTokens(KEYS[7], time[1] * 1000 + math.floor(time[2] / 1000), unpack(numbers))
end
local grant = {}
if ARGV[9] ~= '' and #added > 0 then
  local isDrawn, answer = pcall(drawForRoom)
  if isDrawn then grant = answer end
end
local host, version, facts = presence()
return { 'ok', text(seq), redis.call('HGETALL', MEMBERS), refused, held, entries, #added, grant, host, version, facts }
