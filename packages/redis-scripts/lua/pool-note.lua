-- Remember who was seen as a host in its room, for when it registers anew: the record in its region may be gone by then.
-- KEYS[1] home  where the host is, and what was seen of it; one that is nowhere is not remembered
-- ARGV[1] seen  what `pool-presence` answered
-- Returns {'ok'} or {'unknown'}
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'unknown' } end
redis.call('HSET', KEYS[1], '@seen', ARGV[1])
return { 'ok' }
