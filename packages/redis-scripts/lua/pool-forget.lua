-- Forget where a host is, unless it has moved on meanwhile.
-- KEYS[1] home  region of the host
-- ARGV[1] region  the region that it left
-- Returns {'forgotten'} or {'moved'}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'moved' } end
redis.call('DEL', KEYS[1])
return { 'forgotten' }
