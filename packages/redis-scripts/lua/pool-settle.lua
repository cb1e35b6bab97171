-- Note that other regions know a host no more, unless somebody has claimed it for another region since.
-- KEYS[1] home  where the host is, and may be
-- ARGV[1] claim  number of the claim that was carried out
-- ARGV[2…] the regions
-- Returns {'ok'} or {'superseded'}
if redis.call('HGET', KEYS[1], '@claim') ~= ARGV[1] then return { 'superseded' } end
for at = 2, #ARGV do redis.call('HDEL', KEYS[1], '=' .. ARGV[at]) end
return { 'ok' }
