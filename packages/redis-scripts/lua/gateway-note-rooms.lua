-- Note how rooms are, for the overview: second-hand, so a note that got lost is made good by the next one, or ends. Each
-- comes with how often the room changed hosts, which its record knows: so every migration counts once, whoever notes it.
-- KEYS[1] placed     rooms that their hosts have yet to open, by when they end at the latest
-- KEYS[2] open       open rooms, likewise
-- KEYS[3] migrating  rooms that move, likewise
-- KEYS[4] over       rooms that are no more, by when that they moved may be forgotten
-- KEYS[5] moves      rooms that moved → how often, as far as that is counted
-- KEYS[6] counts     how often what happened
-- ARGV[1] state  placed, open or migrating; over: they are no more
-- ARGV[2] forMs  how long that may be believed at most (ms)
-- ARGV[3…] rooms, each as its name and how often it moved; not more than a few hundred
-- Returns {'ok'}
local OVER, MOVES, COUNTS = 4, KEYS[5], KEYS[6]

-- Most entries that one call forgets of each kind, and how long a late note of a room that ended may take.
local FORGET_MAX, FORGET_MS = 500, 600000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function inMs(ms) return string.format('%.0f', now + ms) end

local target = ({ placed = 1, open = 2, migrating = 3, over = OVER })[ARGV[1]]
local rooms, entries = {}, {}
for at = 3, #ARGV, 2 do
  local roomId, moves = ARGV[at], tonumber(ARGV[at + 1])
  rooms[#rooms + 1] = roomId
  entries[#entries + 1] = inMs(tonumber(ARGV[2]))
  entries[#entries + 1] = roomId
  local counted = moves > 0 and tonumber(redis.call('HGET', MOVES, roomId) or 0)
  if counted and moves > counted then
    redis.call('HINCRBY', COUNTS, 'migrations', moves - counted)
    redis.call('HSET', MOVES, roomId, moves)
  end
end

-- Rooms that ended without a word may still be noted by somebody who is late.
local function rememberMoves(ended)
  for at, moves in ipairs(redis.call('HMGET', MOVES, unpack(ended))) do
    if moves then redis.call('ZADD', KEYS[OVER], inMs(FORGET_MS), ended[at]) end
  end
end

for key = 1, OVER do
  if key ~= target then redis.call('ZREM', KEYS[key], unpack(rooms)) end
  local ended = redis.call('ZRANGEBYSCORE', KEYS[key], '-inf', inMs(0), 'LIMIT', 0, FORGET_MAX)
  if #ended > 0 then
    redis.call('ZREM', KEYS[key], unpack(ended))
    if key == OVER then redis.call('HDEL', MOVES, unpack(ended)) else rememberMoves(ended) end
  end
end
redis.call('ZADD', KEYS[target], unpack(entries))
return { 'ok' }
