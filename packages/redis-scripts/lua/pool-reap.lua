-- Retire what is due in a region that nobody asks about. Only the reaper of the latest term may.
-- KEYS[1] hosts          hosts by the end of their TTL
-- KEYS[2] state          records of hosts
-- KEYS[3] freeStreaming  streaming hosts by free slots
-- KEYS[4] loadStreaming  streaming hosts by load
-- KEYS[5] freeGame       game servers by free slots
-- KEYS[6] loadGame       game servers by load
-- KEYS[7] leases         leases by their end
-- KEYS[8] leaseHosts     seats and host of each lease
-- KEYS[9] hostLeases     leases of each host
-- KEYS[10] totals        free slots by kind, leased seats, and the reaper's term
-- ARGV[1] term  term of the reaper that asks
-- Returns {'ok', hosts and leases retired, whether more may be due (0 or 1)}, or {'fenced'}: a later reaper was here
local term = tonumber(ARGV[1])

-- An empty region is still known by those who had hosts there: one that is there anew must not look as if it had been lost.
local KEEP_BIRTH_MS = 3600000
local function empty()
  local born = redis.call('HGET', TOTALS, 'born')
  redis.call('DEL', TOTALS)
  if not born then return end
  redis.call('HSET', TOTALS, 'born', born)
  redis.call('PEXPIRE', TOTALS, KEEP_BIRTH_MS)
end

if term < tonumber(redis.call('HGET', TOTALS, 'term') or 0) then return { 'fenced' } end
local more, hosts, leases = retire()
if redis.call('EXISTS', HOSTS, LEASES) == 0 then empty()
else redis.call('HSET', TOTALS, 'term', whole(term)) end
-- Should the total ever be wrong, such as after an upgrade, it is right again from here on.
if redis.call('EXISTS', LEASES) == 0 then redis.call('HDEL', TOTALS, 'leased') end
return { 'ok', hosts, leases, more and 1 or 0 }
