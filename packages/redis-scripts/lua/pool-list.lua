-- One page of the region's living hosts, in the order of their end. A host that heartbeats meanwhile moves to the end:
-- who pages may meet it twice, and misses none.
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
-- ARGV[1] fromMs  end of the last host of the page before (ms since 1970), or 0
-- ARGV[2] fromId  that host, or empty
-- ARGV[3] limit   most hosts in the page
-- Returns {'hosts', the time (ms since 1970), then each as: hostId, its end (ms since 1970), its record as JSON}
local from, start = tonumber(ARGV[1]), nil
local last = redis.call('ZSCORE', HOSTS, ARGV[2])
if last and tonumber(last) == from then start = redis.call('ZRANK', HOSTS, ARGV[2]) + 1
else start = redis.call('ZCOUNT', HOSTS, '-inf', '(' .. whole(from)) end
start = math.max(start, redis.call('ZCOUNT', HOSTS, '-inf', now))
local page = redis.call('ZRANGE', HOSTS, start, start + tonumber(ARGV[3]) - 1, 'WITHSCORES')
local answer = { 'hosts', now }
for at = 1, #page, 2 do
  local host = load(page[at])
  if host then
    host.was = nil
    answer[#answer + 1] = page[at]
    answer[#answer + 1] = page[at + 1]
    answer[#answer + 1] = cjson.encode(host)
  end
end
return answer
