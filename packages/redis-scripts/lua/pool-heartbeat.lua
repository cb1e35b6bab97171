-- A known host says that it lives, and how it is. Writes nothing for a host that the region does not know.
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
-- ARGV[1] hostId      the host
-- ARGV[2] roomId      its room
-- ARGV[3] address     host:port of a game server, or empty
-- ARGV[4] status      idle, busy or allocated
-- ARGV[5] capacity    slots in all
-- ARGV[6] reported    slots free, by its own count
-- ARGV[7] told        sessions in the rooms that it reports, or -1 if it reports none
-- ARGV[8] opened      rooms that it holds open and nobody has come to
-- ARGV[9] hostTtlMs   until it counts as dead (ms)
-- ARGV[10] leaseTtlMs  how long a promise of its slots stands (ms)
-- ARGV[11] canBind    1 if who calls can ask signaling who is in a room
-- Returns {'ok', bind, refresh}: whether to ask its room, and to refresh its other keys (0 or 1); or {'unknown'}
retire()
local hostId = ARGV[1]
local host = load(hostId)
if not host then return { 'unknown' } end
applyReport(host)
local bind, refresh = dueBind(host), dueRefresh(host)
save(hostId, host)
return { 'ok', bind, refresh }
