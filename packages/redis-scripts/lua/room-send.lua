-- Messages of one instance's members: published if somebody else is there, else held for the next one to join.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- ARGV[1] publish          PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs          the room's keys live for this long (ms)
-- ARGV[3] body             `m`, the instance; then two lines a message: sender and its number, text
-- ARGV[4] heldMaxMessages  most messages held
-- ARGV[5] heldMaxBytes     most bytes held
-- ARGV[6] heldTtlMs        what was held for longer is dropped (ms)
-- Returns {'published'}, {'held', how many were dropped for want of room}, or {'absent'}: the room has nobody
local size = redis.call('HLEN', MEMBERS)
if size == 0 then return { 'absent' } end

-- Ids of the members by whom messages may be held, as keys; nothing if somebody else hears them.
local function sendersUnheard()
  local instanceId = string.match(ARGV[3], '^m\n(%S+)')
  local senders, here, all = {}, 0, redis.call('HGETALL', MEMBERS)
  for i = 1, #all, 2 do
    if readMember(all[i + 1]) == instanceId then
      senders[all[i]] = true
      here = here + 1
    end
  end
  -- Another one on the same instance gets them directly.
  return here == 1 and senders or {}
end

-- Others are there, but where nobody but the sender's own instance hears it, theirs has died and is not found out yet:
-- then it is for the next one to join, as if they were gone.
local senders
if size > 1 then
  if append(ARGV[1], ARGV[2], ARGV[3]) > 1 then return { 'published' } end
  senders = sendersUnheard()
else
  senders = { [redis.call('HKEYS', MEMBERS)[1]] = true }
end

local own = {}
for sender, number, line in string.gmatch(ARGV[3], '\n(%S+) (%d+)\n([^\n]*)') do
  if senders[sender] then own[#own + 1] = sender .. ' ' .. number .. '\n' .. line end
end
-- If the only member sent none of these, they are for it.
if #own == 0 then
  if size == 1 then append(ARGV[1], ARGV[2], ARGV[3]) end
  return { 'published' }
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bytes, kept = 0, 0
for _, message in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
  if tonumber(string.match(message, '^%d+')) <= now - tonumber(ARGV[6]) then
    redis.call('LPOP', HELD)
  else
    bytes, kept = bytes + #message, kept + 1
  end
end
local dropped = 0
for _, message in ipairs(own) do
  -- The first ones stay: candidates are worth nothing without the offer that they belong to.
  if dropped > 0 or kept >= tonumber(ARGV[4]) or bytes + #message > tonumber(ARGV[5]) then
    dropped = dropped + 1
  else
    redis.call('RPUSH', HELD, string.format('%.0f', now) .. '\n' .. message)
    bytes, kept = bytes + #message, kept + 1
  end
end
redis.call('PEXPIRE', HELD, ARGV[2])
return { 'held', dropped }
