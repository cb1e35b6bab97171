-- A chat message: gets its number and time, is kept among the last ones, and is published to all.
-- KEYS[1] members  memberId → instance or -, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- KEYS[7] v1       sessions and counters of parley.v1
-- KEYS[8] backlog  messages that somebody may have missed
-- KEYS[9] gaps     up to which messages the backlog has none
-- KEYS[10] away    memberId → end of its absence (ms since 1970)
-- KEYS[11] chat    the last chats
-- ARGV[1] publish  PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs  the room's keys live for this long while it has members (ms)
-- ARGV[3] ttlMs    and for this long without (ms)
-- ARGV[4] memberId    who says it
-- ARGV[5] n           its number among that member's messages
-- ARGV[6] rest        JSON of its other fields, without the braces
-- ARGV[7] maxEntries  most chats kept
-- ARGV[8] maxBytes    most bytes of chats kept
-- Returns {'ok', number of the entry, the message} or {'absent'}
local publish, aliveMs, id, n = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
if redis.call('HEXISTS', MEMBERS, id) == 0 then return { 'absent' } end
local number = text(nextNumber('chats'))
local message = '{"type":"chat","id":"' .. number .. '","at":' .. text(now) .. ',' .. ARGV[6] .. '}'
redis.call('RPUSH', CHAT, message)
redis.call('LTRIM', CHAT, -tonumber(ARGV[7]), -1)
local bytes, all = 0, redis.call('LRANGE', CHAT, 0, -1)
for i = #all, 1, -1 do
  bytes = bytes + #all[i]
  if bytes > tonumber(ARGV[8]) then
    redis.call('LTRIM', CHAT, i - #all, -1)
    if i == #all then redis.call('DEL', CHAT) end
    break
  end
end
redis.call('PEXPIRE', CHAT, aliveMs)
append(publish, aliveMs, 'm\nchat\n' .. id .. ' ' .. n .. ' #\n' .. message)
keep(aliveMs, { id, n, '#', message })
return { 'ok', text(lastNumber(SEQ)), message }
