-- Grant tokens of a limit to an instance: never more than the limit in any window, whoever uses them when they live.
-- What an instance used without asking it tells as often as it likes: a field for each of its own buckets says how many
-- they were altogether, so that a draw that was repeated or came late counts nothing twice.
-- KEYS[1] grants  hash of the limit's key: number of a bucket → tokens granted in it; instance/its own bucket → number
-- of a bucket and tokens that the instance used alone
-- ARGV[1] want        tokens asked for
-- ARGV[2] limit       most tokens in any window
-- ARGV[3] windowMs    length of the window (ms)
-- ARGV[4] lifeMs      how long a granted token may be used (ms)
-- ARGV[5] bucketMs    length of a bucket (ms)
-- ARGV[6] backBucket  bucket of tokens that come back unused
-- ARGV[7] back        how many come back
-- ARGV[8] quietMs     how much longer a token may be used that is granted while little is in use (ms)
-- ARGV[9] longerMs    how much longer at least, since the answer may take as long (ms)
-- ARGV[10] instance   who asks
-- ARGV[11…] what it used alone, for each of its own buckets: the bucket, how long ago at least (ms), how many
-- Returns {'granted', tokens, tokens still free, ms until more are, bucket, ms that the tokens live}; tokens may be
-- fewer than wanted, or none
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucketMs = tonumber(ARGV[5])
local back = tonumber(ARGV[7])
if back > 0 and redis.call('HEXISTS', KEYS[1], ARGV[6]) == 1 then
  if redis.call('HINCRBY', KEYS[1], ARGV[6], -back) <= 0 then
    redis.call('HDEL', KEYS[1], ARGV[6])
  end
end
for i = 11, #ARGV, 3 do
  local field = ARGV[10] .. '/' .. ARGV[i]
  local bucket, tokens = math.floor((now - ARGV[i + 1]) / bucketMs), tonumber(ARGV[i + 2])
  local knownBucket, known = string.match(redis.call('HGET', KEYS[1], field) or '0 0', '(%d+) (%d+)')
  known = tonumber(known)
  -- A draw that came late thinks that they were used later than they were.
  if tokens > known or (tokens == known and bucket < tonumber(knownBucket)) then
    redis.call('HSET', KEYS[1], field, string.format('%.0f %.0f', bucket, tokens))
  end
end
local numbers = {}
for i, at in ipairs({ 1, 2, 3, 4, 5, 8, 9 }) do numbers[i] = tonumber(ARGV[at]) end
local want, limit, windowMs, lifeMs, _, quietMs, longerMs = unpack(numbers)
local grant = drawTokens(KEYS[1], now, want, limit, windowMs, lifeMs, bucketMs, quietMs, longerMs, #ARGV > 10)
table.insert(grant, 1, 'granted')
return grant
