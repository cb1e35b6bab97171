-- Bind a room to the streaming host that meets its clients there: changes of the room are told to that host's pool.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- ARGV[1] host   JSON of region and hostId
-- ARGV[2] ttlMs  the binding ends after this long unless it is repeated (ms)
-- Returns {'ok', host, version, facts}
redis.call('SET', HOST, ARGV[1], 'PX', ARGV[2])
return { 'ok', presence() }
