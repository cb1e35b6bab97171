-- Messages of one instance's members, published while somebody else is there: the hot path of room-send, and no more.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] channel  where entries are published
-- ARGV[1] publish  PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs  the log lives for this long (ms)
-- ARGV[3] body     `m`, the instance; then two lines a message: sender and its number, text
-- Returns {'published', seq}, or {'unsure'}: room-send has to decide
if redis.call('HLEN', KEYS[1]) < 2 then return { 'unsure' } end
local seq = redis.call('HINCRBY', KEYS[2], 'seq', 1)
-- A counter that was lost has to begin at the clock: see shared/room.lua, which this does without to be quick.
if seq == 1 then
  redis.call('HDEL', KEYS[2], 'seq')
  return { 'unsure' }
end
local entry = string.format('%.0f\n', seq) .. ARGV[3]
local logged = redis.call('RPUSH', KEYS[3], entry)
if logged == 1 then redis.call('PEXPIRE', KEYS[3], ARGV[2]) end
if logged > 128 then redis.call('LTRIM', KEYS[3], -64, -1) end
if #entry > 8192 and redis.call('HINCRBY', KEYS[2], 'largeBytes', #entry) > 1048576 then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[2], 'largeBytes', 0)
end
redis.call(ARGV[1], KEYS[4], entry)
return { 'published', string.format('%.0f', seq) }
