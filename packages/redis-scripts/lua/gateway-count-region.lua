-- How many hosts, free slots and leases a region has, without looking at any of them.
-- KEYS[1] hosts   hosts by the end of their TTL
-- KEYS[2] leases  leases by their end
-- KEYS[3] totals  free slots by kind of host
-- Returns {'ok', living hosts, leases, free slots of streaming hosts, of game servers}
local time = redis.call('TIME')
local now = string.format('(%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local free = redis.call('HMGET', KEYS[3], 'streaming', 'game')
return {
  'ok', redis.call('ZCOUNT', KEYS[1], now, '+inf'), redis.call('ZCOUNT', KEYS[2], now, '+inf'),
  tonumber(free[1] or 0), tonumber(free[2] or 0),
}
