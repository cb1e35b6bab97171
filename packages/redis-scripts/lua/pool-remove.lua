-- A host leaves the region. Idempotent.
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
-- KEYS[11] claim         number of the last claim of the host that was carried out here
-- ARGV[1] hostId  the host
-- ARGV[2] leases  keep: they stand until they end, and count if it comes back; drop: they stand elsewhere now
-- ARGV[3] claim   number of the claim, for another region, that this carries out; empty for a goodbye
-- Returns {'removed' or 'unknown', then its leases, each as: its id, its seats, its end (ms since 1970)}; or
-- {'superseded', number of a later claim}
retire()
local hostId = ARGV[1]
local later = ARGV[3] ~= '' and laterClaim(ARGV[3])
if later then return { 'superseded', later } end
local answer = { load(hostId) and 'removed' or 'unknown' }
drop(hostId)
for _, leaseId in ipairs(leasesOf(hostId, -1)) do
  local seats = readLease(leaseId)
  answer[#answer + 1] = leaseId
  answer[#answer + 1] = tostring(seats)
  answer[#answer + 1] = redis.call('ZSCORE', LEASES, leaseId)
  if ARGV[2] == 'drop' then deleteLease(leaseId, hostId, seats) end
end
return answer
