-- Which of some instances are dead: their lease ended, or there is none.
-- KEYS[1] leases  instanceId → end of its lease (ms since 1970)
-- ARGV[1…] ids of instances
-- Returns {'ok', ids of the dead ones}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local dead = {}
for _, id in ipairs(ARGV) do
  local ends = tonumber(redis.call('ZSCORE', KEYS[1], id))
  if not ends or ends <= now then dead[#dead + 1] = id end
end
return { 'ok', dead }
