-- Stop leading, so that another can take over at once.
-- KEYS[1] leader  who leads
-- ARGV[1] owner  who resigns
-- Returns {'resigned'} or {'follows'}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'follows' } end
redis.call('DEL', KEYS[1])
return { 'resigned' }
