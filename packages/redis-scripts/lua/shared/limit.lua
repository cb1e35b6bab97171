-- Tokens of a limit. Grants are counted in buckets of time. A bucket counts until the last token granted in it could have
-- been used a whole window ago. While little of the limit is in use, tokens may live longer: they count in a later bucket.

-- What tokens count for, from the moment in which they are granted (ms).
local function spanOf(windowMs, lifeMs, bucketMs)
  return windowMs + lifeMs + bucketMs
end

-- How many of a limit are in use, and when the oldest bucket of them began, if any. Forgets those that count no more.
local function usedTokens(key, spanMs, bucketMs, now)
  local used, oldest = 0, nil
  local grants = redis.call('HGETALL', key)
  for i = 1, #grants, 2 do
    local bucket, tokens = tonumber(grants[i]), grants[i + 1]
    -- What an instance used without asking: number of a bucket, and tokens.
    if not bucket then bucket, tokens = string.match(tokens, '(%d+) (%d+)') end
    local startMs = bucket * bucketMs
    if startMs + spanMs <= now then
      redis.call('HDEL', key, grants[i])
    else
      used = used + tokens
      oldest = math.min(oldest or startMs, startMs)
    end
  end
  return used, oldest
end

-- Grant some of the tokens that are wanted. Answers how many, tokens still free, ms until more are, the bucket, and the
-- ms that the tokens live. `isMore`: there is more in the key than what was granted, to be kept as long.
local function drawTokens(key, now, want, limit, windowMs, lifeMs, bucketMs, quietMs, longerMs, isMore)
  local spanMs = spanOf(windowMs, lifeMs, bucketMs)
  local used, oldest = usedTokens(key, spanMs, bucketMs, now)
  local granted = math.max(0, math.min(want, limit - used))
  local laterMs = math.max((used + granted) * 4 <= limit and quietMs or 0, longerMs)
  local bucket = string.format('%.0f', math.floor((now + laterMs) / bucketMs))
  if granted > 0 then redis.call('HINCRBY', key, bucket, granted) end
  if granted > 0 or isMore then
    -- Never sooner than what was granted before needs.
    local endsMs = spanMs + math.max(quietMs, laterMs)
    redis.call('PEXPIRE', key, math.max(endsMs, redis.call('PTTL', key)))
  end
  local untilMoreMs = oldest and (oldest + spanMs - now) or spanMs
  return { granted, math.max(0, limit - used - granted), untilMoreMs, bucket, lifeMs + laterMs }
end
