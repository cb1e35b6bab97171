-- Note how many hosts a region is to have, right before the platform is asked: only who leads in this term may, and leads for
-- longer then.
-- KEYS[1] leader  who leads
-- KEYS[2] term    number of the last term
-- KEYS[3] told    hosts by region
-- ARGV[1] owner   who asks
-- ARGV[2] term    the term that it leads in
-- ARGV[3] ttlMs   it leads for this long from now (ms)
-- ARGV[4] region  the region
-- ARGV[5] hosts   how many hosts it is to have
-- ARGV[6] keepMs  how long that is remembered (ms)
-- Returns {'ok'}, or {'superseded'}: another leads, or nobody
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return { 'superseded' } end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
return { 'ok' }
