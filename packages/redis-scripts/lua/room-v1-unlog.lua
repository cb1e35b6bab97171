-- All members of a room are present on one instance, which from now on keeps to itself what they send.
-- KEYS[1] v1  sessions and counters of parley.v1
-- ARGV[1] instanceId  the instance
-- Returns {'ok', index that the messages count as having which it writes out later: whoever joins later never met them}
redis.call('HDEL', KEYS[1], 'log ' .. ARGV[1])
return { 'ok', redis.call('HINCRBY', KEYS[1], 'pushed', 1) }
