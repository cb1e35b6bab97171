-- How many hosts, free slots and leased seats a region has, from running totals: nothing is counted, and no host looked at
-- but those that are due.
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
-- Returns {'ok', living hosts, leased seats, free slots of streaming hosts, of game servers}, or {'again'}: more was due
local hosts, leased, streaming, game = countRegion()
if not hosts then return { 'again' } end
return { 'ok', hosts, leased, streaming, game }
