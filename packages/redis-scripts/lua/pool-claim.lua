-- Say that a host is about to be in a region. Every claim that changes that has a higher number than all before it.
-- KEYS[1] home  `@region`: where the host is; `@claim`: number of the last claim; `@seen`: what was seen of it; `=` and
-- every region that may still know it → 1
-- ARGV[1] region  the region; empty to claim none, and only go on after `past`
-- ARGV[2] ttlMs   how long this is remembered (ms)
-- ARGV[3] past    number that a region has seen already, or 0
-- Returns {'claimed', number of the claim, what was seen of the host (`pool-note`) or empty, the other regions that may know the host…}
local HOME, region, past = KEYS[1], ARGV[1], tonumber(ARGV[3])
local claim = tonumber(redis.call('HGET', HOME, '@claim') or 0)
if region == '' then
  if claim < past then redis.call('HSET', HOME, '@claim', string.format('%.0f', past + 1)) end
  redis.call('PEXPIRE', HOME, ARGV[2])
  return { 'claimed', ARGV[3], '' }
end
local others = {}
for _, field in ipairs(redis.call('HKEYS', HOME)) do
  if string.sub(field, 1, 1) == '=' and field ~= '=' .. region then others[#others + 1] = string.sub(field, 2) end
end
if claim == 0 or #others > 0 or redis.call('HGET', HOME, '@region') ~= region then
  -- Claims begin at the clock (µs): should Redis lose the last one, the next is higher all the same.
  local time = redis.call('TIME')
  claim = math.max(time[1] * 1000000 + time[2], claim + 1)
  redis.call('HSET', HOME, '@claim', string.format('%.0f', claim), '@region', region, '=' .. region, 1)
end
redis.call('PEXPIRE', HOME, ARGV[2])
return { 'claimed', string.format('%.0f', claim), redis.call('HGET', HOME, '@seen') or '', unpack(others) }
