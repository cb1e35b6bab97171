-- A member that joined got what was held for it: it is held no more.
-- KEYS[1] members  memberId → instance or -, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- ARGV[1] memberId  the member
-- ARGV[2…] for each sender: its id, the number of its last message that the member got
-- Returns {'ok'}, or {'late'}: it is not the one that was given them last
if redis.call('HGET', STATE, 'given') ~= ARGV[1] then return { 'late' } end
redis.call('HDEL', STATE, 'given')
local last = {}
for i = 2, #ARGV, 2 do last[ARGV[i]] = tonumber(ARGV[i + 1]) end
for _, message in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
  local sender, number = string.match(message, '^%d+\n(%S+) (%d+)\n')
  if last[sender] and tonumber(number) <= last[sender] then redis.call('LREM', HELD, 1, message) end
end
return { 'ok' }
