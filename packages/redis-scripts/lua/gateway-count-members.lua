-- How many signaling instances live, and how many members they said they have.
-- KEYS[1] leases   instanceId → end of its lease (ms since 1970)
-- KEYS[2] members  instanceId → its members
-- Returns {'ok', instances, members}
local time = redis.call('TIME')
local now = string.format('(%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local living, members = redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf'), 0
for _, instanceId in ipairs(living) do
  members = members + tonumber(redis.call('HGET', KEYS[2], instanceId) or 0)
end
return { 'ok', #living, members }
