-- Become the one that does a background job, or stay it. A term's number is higher than every one before, and names its holder's work.
-- KEYS[1] leader  who leads
-- KEYS[2] term    number of the last term
-- ARGV[1] owner  who asks
-- ARGV[2] ttlMs  it leads for this long unless it asks again (ms)
-- Returns {'leads', term} or {'follows'}
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then return { 'follows' } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local term = redis.call('GET', KEYS[2])
if leader and term then return { 'leads', term } end
-- Terms begin at the clock (µs): should Redis lose the last one, the next is higher all the same.
local time = redis.call('TIME')
term = string.format('%.0f', math.max(time[1] * 1000000 + time[2], (tonumber(term) or 0) + 1))
redis.call('SET', KEYS[2], term)
return { 'leads', term }
