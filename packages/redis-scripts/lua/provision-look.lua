-- A region before somebody scales it: its totals, how large its hosts are, from a few of them, and whether leases may stand that
-- Redis has lost. All at one moment: slots are held back for such leases, and count as leased until then.
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
-- ARGV[1] sample  how many hosts are looked at, beside those with the most free slots
-- Returns {'ok', living hosts, leased seats, free slots of streaming hosts, of game servers, greatest capacity among those that
-- were looked at, whether leases may stand that Redis has lost (0 or 1)}, or {'again'}: more was due
local hosts, leased, streaming, game = countRegion()
if not hosts then return { 'again' } end
local largest = 0
local function see(packed)
  if packed then largest = math.max(largest, unpackHost(packed).capacity) end
end

-- Who has the most free slots says the most of a region that is not so.
for _, free in pairs(FREE) do
  local hostId = redis.call('ZREVRANGE', free, 0, 0)[1]
  if hostId then see(redis.call('HGET', STATE, hostId)) end
end
local sample = redis.call('HRANDFIELD', STATE, ARGV[1], 'WITHVALUES')
for at = 2, #sample, 2 do see(sample[at]) end
return { 'ok', hosts, leased, streaming, game, largest, lostUntil() > now and 1 or 0 }
