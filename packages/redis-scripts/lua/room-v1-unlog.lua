-- All members of a room are present on one instance, which from now on keeps to itself what they send.
-- KEYS[1] v1  sessions and counters of parley.v1
-- ARGV[1] instanceId  the instance
-- Returns {'ok', index that the messages count as having which it writes out later: whoever joins later never met them}
redis.call('HDEL', KEYS[1], 'log ' .. ARGV[1])
local index = redis.call('HINCRBY', KEYS[1], 'pushed', 1)
-- Whoever keeps the room sets a time of its own; a counter alone must not stay for ever.
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], 3600000) end
return { 'ok', index }
