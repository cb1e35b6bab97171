-- Note that a region has hosts, and forget those of which nobody has said so for long.
-- KEYS[1] regions  regions by the last time a host said it is there
-- ARGV[1] region  the region, or empty to forget only
-- ARGV[2] keepMs  how long a region is remembered (ms)
-- Returns {'ok'}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if ARGV[1] ~= '' then redis.call('ZADD', KEYS[1], now, ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
return { 'ok' }
