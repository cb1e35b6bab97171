-- Change what a host says of itself, until its next heartbeat.
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
-- ARGV[1] hostId  the host
-- ARGV[2] status  idle, busy or allocated
-- Returns {'ok'} or {'unknown'}
retire()
local host = load(ARGV[1])
if not host then return { 'unknown' } end
host.status = ARGV[2]
save(ARGV[1], host)
return { 'ok' }
