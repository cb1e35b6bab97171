-- Forget an instance that is dead or stops: its lease ends now. One that was heard of again meanwhile stays.
-- KEYS[1] leases  instanceId → end of its lease (ms since 1970)
-- KEYS[2] members  instanceId → its members
-- ARGV[1] instanceId  the instance
-- ARGV[2] stops       1 when the instance itself says that it stops
-- Returns {'forgotten'} or {'alive'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) or 0
if ARGV[2] ~= '1' and ends > now then return { 'alive' } end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return { 'forgotten' }
