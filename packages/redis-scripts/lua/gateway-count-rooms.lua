-- How many rooms there are, by state, and how many moved.
-- KEYS[1] placed     rooms that their hosts have yet to open, by when they end at the latest
-- KEYS[2] open       open rooms, likewise
-- KEYS[3] migrating  rooms that move, likewise
-- KEYS[4] counts     how often what happened
-- Returns {'ok', placed, open, migrating, migrations so far}
local time = redis.call('TIME')
local now = string.format('(%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local answer = { 'ok' }
for key = 1, 3 do answer[key + 1] = redis.call('ZCOUNT', KEYS[key], now, '+inf') end
answer[5] = tonumber(redis.call('HGET', KEYS[4], 'migrations') or 0)
return answer
