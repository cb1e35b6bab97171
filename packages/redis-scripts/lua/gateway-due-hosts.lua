-- Take hosts that have rooms and were not heard of in time. Nobody else takes them for a while.
-- KEYS[1] due  hosts with rooms by when they count as gone
-- ARGV[1] count    most to take
-- ARGV[2] claimMs  for how long they are the caller's (ms)
-- Returns {'due', end of the claim (ms since 1970), hostIds...}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hosts = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
local claim = string.format('%.0f', now + tonumber(ARGV[2]))
for _, hostId in ipairs(hosts) do
  redis.call('ZADD', KEYS[1], claim, hostId)
end
table.insert(hosts, 1, 'due')
table.insert(hosts, 2, claim)
return hosts
