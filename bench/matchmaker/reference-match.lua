-- What the references do for a match: take the least loaded host, count it as used, note the lease.
-- KEYS[1] load    hosts by load
-- KEYS[2] leases  leases by their end
-- ARGV[1] expiresAtMs  end of the lease (ms since 1970)
-- ARGV[2] leaseId      its id
-- Returns the host
local hostId = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
redis.call('ZINCRBY', KEYS[1], 1, hostId)
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
return hostId
