-- Members leave a room; the others are told. Whoever is gone already is not told again.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- ARGV[1] publish  PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs  the room's keys live for this long while it has members (ms)
-- ARGV[3] ttlMs    and for this long without (ms)
-- ARGV[4…] ids of the members
-- Returns {'ok', how many there were, host, version, facts}
local ids = {}
for i = 4, #ARGV do
  ids[#ids + 1] = ARGV[i]
  dropHeard(ARGV[i])
end
local removed = removeMembers(ARGV[1], ARGV[2], ARGV[3], ids)
return { 'ok', removed, presence() }
