-- Put a room on the list of its host, or note there that the host lost it: it stays on the list until it was told so.
-- KEYS[1] rooms  rooms that were given to the host
-- ARGV[1] roomId    the room
-- ARGV[2] state     given or lost
-- ARGV[3] forgetMs  the list is forgotten this long after it was last touched (ms)
-- Returns {'ok', how often the host said goodbye}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 'ok', tonumber(redis.call('HGET', KEYS[1], '@goodbyes') or 0) }
