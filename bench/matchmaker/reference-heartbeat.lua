-- What the references do for a heartbeat: write the host down, say that it lives, make it findable.
-- KEYS[1] state   records of hosts
-- KEYS[2] hosts   hosts by the end of their TTL
-- KEYS[3] load    hosts by load
-- ARGV[1] hostId       the host
-- ARGV[2] record       what it said, as JSON
-- ARGV[3] expiresAtMs  end of its TTL (ms since 1970)
-- Returns OK
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], 'NX', 0, ARGV[1])
return redis.status_reply('OK')
