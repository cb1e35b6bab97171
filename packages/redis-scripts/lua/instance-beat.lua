-- An instance says that it lives, and learns which others do not.
-- KEYS[1] leases  instanceId → end of its lease (ms since 1970)
-- KEYS[2] members  instanceId → its members
-- ARGV[1] instanceId  who says so
-- ARGV[2] leaseMs     how long it counts as alive from now (ms)
-- ARGV[3] deadMax     most dead instances to name
-- ARGV[4] members     how many members it has
-- Returns {'kept'|'lapsed', ids of dead instances}; 'lapsed': it had counted as dead, or was never heard of
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[3])
return { (before and before > now) and 'kept' or 'lapsed', dead }
