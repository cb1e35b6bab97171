-- Messages of one instance's members, published while somebody else is there: the hot path of room-send, and no more.
-- Takes any number of rooms, each with four keys and one body; on a Cluster one, since each has a slot of its own.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] channel  where entries are published
-- ARGV[1] publish  PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs  the log lives for this long (ms)
-- ARGV[3…] for each room: `m`, the instance; then two lines a message: sender and its number, text
-- Returns one character a room: p for published, u for unsure: room-send has to decide. What is published twice by that
-- has the same numbers, and is heard once
local call, publish, format = redis.call, ARGV[1], string.format
local answers = {}
for room = 1, #KEYS / 4 do
  local at = 4 * room - 3
  local state, log = KEYS[at + 1], KEYS[at + 2]
  local seq = call('HLEN', KEYS[at]) > 1 and call('HINCRBY', state, 'seq', 1) or 0
  if seq <= 1 then
    -- A counter that was lost has to begin at the clock, which shared/room.lua takes care of.
    if seq == 1 then call('HDEL', state, 'seq') end
    answers[room] = 'u'
  else
    local entry = format('%.0f\n', seq) .. ARGV[room + 2]
    local logged = call('RPUSH', log, entry)
    if logged == 1 then call('PEXPIRE', log, ARGV[2]) end
    if logged > 128 then call('LTRIM', log, -64, -1) end
    if #entry > 8192 and call('HINCRBY', state, 'largeBytes', #entry) > 1048576 then
      call('DEL', log)
      call('HSET', state, 'largeBytes', 0)
    end
    -- Heard by the sender's own instance at most: the others' seems to be gone, or is about to subscribe again.
    answers[room] = call(publish, KEYS[at + 3], entry) > 1 and 'p' or 'u'
  end
end
return table.concat(answers)
