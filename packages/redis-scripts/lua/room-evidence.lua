-- A member showed by its first offer or answer whether it is a client or a host.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- ARGV[1] memberId  the member
-- ARGV[2] evidence  offered or answered
-- Returns {'ok', host, version, facts}, or {'absent'}
local value = redis.call('HGET', MEMBERS, ARGV[1])
if not value then return { 'absent' } end
local instanceId, _, order = readMember(value)
redis.call('HSET', MEMBERS, ARGV[1], instanceId .. ' ' .. ARGV[2] .. ' ' .. order)
nextNumber('version')
return { 'ok', presence() }
