-- Note how rooms are, for the overview: second-hand, so a note that got lost is made good by the next one, or ends.
-- KEYS[1] placed     rooms that their hosts have yet to open, by when they end at the latest
-- KEYS[2] open       open rooms, likewise
-- KEYS[3] migrating  rooms that move, likewise
-- KEYS[4] counts     how often what happened
-- ARGV[1] state    placed, open or migrating; over: they are no more
-- ARGV[2] untilMs  how long that may be believed at most (ms)
-- ARGV[3…] names of rooms
-- Returns {'ok'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local target = ({ placed = KEYS[1], open = KEYS[2], migrating = KEYS[3] })[ARGV[1]]
local ends = string.format('%.0f', now + tonumber(ARGV[2]))
for at = 3, #ARGV do
  for key = 1, 3 do
    local left = KEYS[key] ~= target and redis.call('ZREM', KEYS[key], ARGV[at]) == 1
    if left and key == 3 and ARGV[1] == 'placed' then redis.call('HINCRBY', KEYS[4], 'migrations', 1) end
  end
  if target then redis.call('ZADD', target, ends, ARGV[at]) end
end
for key = 1, 3 do redis.call('ZREMRANGEBYSCORE', KEYS[key], '-inf', string.format('%.0f', now)) end
return { 'ok' }
