-- A host with rooms was heard of, or given its first one: it counts as gone when it is silent for a while.
-- KEYS[1] due  hosts with rooms by when they count as gone
-- ARGV[1] hostId     the host
-- ARGV[2] silenceMs  how long it may be silent (ms); 0: it said goodbye
-- Returns {'ok'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
return { 'ok' }
