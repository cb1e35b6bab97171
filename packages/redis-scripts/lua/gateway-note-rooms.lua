-- Note how rooms are, for the overview: second-hand, so a note that got lost is made good by the next one, or ends.
-- KEYS[1] placed     rooms that their hosts have yet to open, by when they end at the latest
-- KEYS[2] open       open rooms, likewise
-- KEYS[3] migrating  rooms that move, likewise
-- KEYS[4] counts     how often what happened
-- ARGV[1] state  placed, open or migrating; over: they are no more
-- ARGV[2] forMs  how long that may be believed at most (ms)
-- ARGV[3…] names of rooms, not more than a few hundred
-- Returns {'ok'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local target = ({ placed = KEYS[1], open = KEYS[2], migrating = KEYS[3] })[ARGV[1]]
local ends = string.format('%.0f', now + tonumber(ARGV[2]))
local rooms, entries = { unpack(ARGV, 3) }, {}
for _, roomId in ipairs(rooms) do
  entries[#entries + 1] = ends
  entries[#entries + 1] = roomId
end
for key = 1, 3 do
  local left = KEYS[key] ~= target and redis.call('ZREM', KEYS[key], unpack(rooms)) or 0
  if left > 0 and key == 3 and ARGV[1] == 'placed' then redis.call('HINCRBY', KEYS[4], 'migrations', left) end
  redis.call('ZREMRANGEBYSCORE', KEYS[key], '-inf', string.format('%.0f', now))
end
if target then redis.call('ZADD', target, unpack(entries)) end
return { 'ok' }
