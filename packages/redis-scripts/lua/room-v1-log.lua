-- An instance writes out what it has kept to itself while all members of a room were present there, and says that from
-- now on it sends everything through Redis. Members of it may go away with that.
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
-- ARGV[4] instanceId  the instance
-- ARGV[5] graceMs     how long the place of a member that is away is kept (ms)
-- ARGV[6] index       what room-v1-unlog answered
-- ARGV[7] awayCount   number of members that go away
-- ARGV[8] gapCount    number of gaps
-- ARGV[9…] who goes away, each as: its id, number of the last message that it sent (-1: not known), for how long it has been away (ms);
-- gaps, each as: sender, audience or -, number of the last message that was not kept, its index; messages, each as: sender, number,
-- audience or -, text
-- Returns {'ok', when the next absence ends (ms from now; -1 for none)}
local publish, aliveMs, instanceId, graceMs = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5])
local at = 9
local aways = {}
for _ = 1, tonumber(ARGV[7]) do
  aways[#aways + 1] = { ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]) }
  at = at + 3
end
if redis.call('EXISTS', V1) == 0 and #aways == 0 then return { 'ok', -1 } end
-- The index of a message that was lost before anybody got it (`Record.addLoss`): greater than any other.
local LOST = 9007199254740991
local isLost = false
for _ = 1, tonumber(ARGV[8]) do
  local index = tonumber(ARGV[at + 3])
  noteGap(ARGV[at], ARGV[at + 1], ARGV[at + 2], index)
  isLost = isLost or index >= LOST
  at = at + 4
end
local messages = {}
for i = at, #ARGV do messages[#messages + 1] = ARGV[i] end
keep(aliveMs, messages, tonumber(ARGV[6]))
if redis.call('HEXISTS', V1, 'sessions') == 1 then redis.call('HSET', V1, 'log ' .. instanceId, 1) end

-- Members elsewhere that were there all the time have missed it, too: their instances let them come back, and they hear of
-- it then. An instance that does not know this kind of entry yet takes it for one without messages.
if isLost then append(publish, aliveMs, 'm\n!' .. instanceId) end

for _, away in ipairs(aways) do
  local id, n, agoMs = away[1], away[2], away[3]
  local value = redis.call('HGET', MEMBERS, id)
  -- Somebody else may have taken it over meanwhile.
  if value and readMember(value) == instanceId then
    if goAway(id, value, now + graceMs - agoMs, true, tonumber(n) >= 0) then
      noteSent(id, n)
      tellAway(publish, aliveMs, { id }, graceMs - agoMs)
    else
      -- Redis has lost its session: it could not come back.
      removeAll(publish, aliveMs, ARGV[3], { id })
    end
  end
end
local _, nextMs = expireAbsences(publish, aliveMs, ARGV[3])
if redis.call('EXISTS', V1) == 1 then keepAlive(aliveMs) end
return { 'ok', nextMs }
