-- Grant tokens of a limit to an instance: never more than the limit in any window, whoever uses them when they live.
-- Grants are counted in buckets of time. A bucket counts until the last token granted in it could have been used a
-- whole window ago. While little of the limit is in use, tokens may live longer: they count in a later bucket.
-- KEYS[1] grants  hash of the limit's key: number of a bucket → tokens granted in it
-- ARGV[1] want        tokens asked for
-- ARGV[2] limit       most tokens in any window
-- ARGV[3] windowMs    length of the window (ms)
-- ARGV[4] lifeMs      how long a granted token may be used (ms)
-- ARGV[5] bucketMs    length of a bucket (ms)
-- ARGV[6] backBucket  bucket of tokens that come back unused
-- ARGV[7] back        how many come back
-- ARGV[8] quietMs     how much longer a token may be used that is granted while little is in use (ms)
-- ARGV[9] longerMs    how much longer at least, since the answer may take as long (ms)
-- ARGV[10] alone      tokens that the instance used while it could not ask, to be counted from now on
-- Returns {'granted', tokens, tokens still free, ms until more are, bucket, ms that the tokens live}; tokens may be
-- fewer than wanted, or none
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, bucketMs = tonumber(ARGV[2]), tonumber(ARGV[5])
local spanMs = ARGV[3] + ARGV[4] + bucketMs
local back = tonumber(ARGV[7])
if back > 0 and redis.call('HEXISTS', KEYS[1], ARGV[6]) == 1 then
  if redis.call('HINCRBY', KEYS[1], ARGV[6], -back) <= 0 then
    redis.call('HDEL', KEYS[1], ARGV[6])
  end
end
local alone = tonumber(ARGV[10])
if alone > 0 then
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', math.floor(now / bucketMs)), alone)
end
local used, oldest = 0, nil
local grants = redis.call('HGETALL', KEYS[1])
for i = 1, #grants, 2 do
  local startMs = tonumber(grants[i]) * bucketMs
  if startMs + spanMs <= now then
    redis.call('HDEL', KEYS[1], grants[i])
  else
    used = used + grants[i + 1]
    oldest = math.min(oldest or startMs, startMs)
  end
end
local granted = math.max(0, math.min(tonumber(ARGV[1]), limit - used))
local quietMs = (used + granted) * 4 <= limit and tonumber(ARGV[8]) or 0
local longerMs = math.max(quietMs, tonumber(ARGV[9]))
local bucket = string.format('%.0f', math.floor((now + longerMs) / bucketMs))
if granted > 0 then redis.call('HINCRBY', KEYS[1], bucket, granted) end
if granted + alone > 0 then
  -- Never sooner than what was granted before needs.
  local endsMs = spanMs + math.max(tonumber(ARGV[8]), longerMs)
  redis.call('PEXPIRE', KEYS[1], math.max(endsMs, redis.call('PTTL', KEYS[1])))
end
local untilMoreMs = oldest and (oldest + spanMs - now) or spanMs
return { 'granted', granted, math.max(0, limit - used - granted), untilMoreMs, bucket, ARGV[4] + longerMs }
