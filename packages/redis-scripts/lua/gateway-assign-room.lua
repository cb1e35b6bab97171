-- Put a room on the list of its host.
-- KEYS[1] rooms  rooms that were given to the host
-- ARGV[1] roomId    the room
-- ARGV[2] forgetMs  the list is forgotten this long after it was last touched (ms)
-- Returns {'ok'}
redis.call('HSET', KEYS[1], ARGV[1], 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'ok' }
