-- Messages of one instance's members in a room where somebody speaks parley.v1: as room-send, and kept for whoever may
-- miss them.
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
-- ARGV[4] body             `m`, the instance; then two lines a message: sender, number and audience if any; text
-- ARGV[5] heldMaxMessages  most messages held
-- ARGV[6] heldMaxBytes     most bytes held
-- ARGV[7] heldTtlMs        what was held for longer is dropped (ms)
-- ARGV[8…] the messages again, each as: sender, number, audience or -, text
-- Returns {'published'}, {'held', how many were dropped for want of room}, or {'absent'}: the room has nobody
local answer = sendOrHold(ARGV[1], ARGV[2], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
if SEQ ~= 'vseq' then return answer end
-- Held or not: others are there, and may have been taken for gone.
if answer[1] == 'published' or redis.call('HLEN', MEMBERS) > 1 then
  local messages = {}
  for i = 8, #ARGV do messages[#messages + 1] = ARGV[i] end
  keep(ARGV[2], messages)
elseif answer[1] == 'held' then
  for i = 8, #ARGV, 4 do
    if isV1(ARGV[i]) then noteSent(ARGV[i], ARGV[i + 1]) end
  end
end
return answer
