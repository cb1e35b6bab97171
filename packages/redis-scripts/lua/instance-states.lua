-- How some instances are. One that is killed loses its subscription at once, and its next sign of life is overdue long
-- before its lease ends; an instance that only reconnects gives one in time.
-- KEYS[1] leases  instanceId → end of its lease (ms since 1970)
-- ARGV[1] publish    PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] channels   what the name of an instance's own channel begins with; its id follows
-- ARGV[3] leaseMs    length of a lease from a sign of life (ms)
-- ARGV[4] overdueMs  without one for this long, it is overdue (ms)
-- ARGV[5…] ids of instances
-- Returns {'ok', a state for each}: alive; expired: its lease ended; silent: not subscribed; gone: silent, and overdue
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local states = {}
for i = 5, #ARGV do
  local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i])) or 0
  local isSilent = redis.call(ARGV[1], ARGV[2] .. ARGV[i], '') == 0
  local isOverdue = ends - ARGV[3] + ARGV[4] <= now
  if isSilent then
    states[#states + 1] = isOverdue and 'gone' or 'silent'
  else
    states[#states + 1] = ends <= now and 'expired' or 'alive'
  end
end
return { 'ok', states }
