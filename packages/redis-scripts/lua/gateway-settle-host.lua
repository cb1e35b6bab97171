-- Who took a host that was due is done with it, unless the host was heard of meanwhile.
-- KEYS[1] due  hosts with rooms by when they count as gone
-- ARGV[1] hostId   the host
-- ARGV[2] claim    end of the caller's claim (ms since 1970)
-- ARGV[3] retryMs  when it is due again (ms); 0: it has no rooms any more
-- Returns {'settled'}, or {'heard'}: the host is back, or the claim was over
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) ~= tonumber(ARGV[2]) then
  return { 'heard' }
end
if ARGV[3] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[3])), ARGV[1])
end
return { 'settled' }
