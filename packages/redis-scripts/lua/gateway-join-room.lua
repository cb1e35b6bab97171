-- Promise one seat of a room, if one is free. It is taken when the player is there: as the host reports, or in signaling.
-- Where neither tells of players, nobody knows whether this one came, and the seat is theirs as long as the room stands.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] seatTtlMs  how long the promise stands (ms)
-- ARGV[2] creator    who has to be the room's creator; empty: anybody may join
-- Returns {'joined'|'migrating', field, value, ...} with the record, {'full'}, {'locked'}, {'forbidden'} or {'missing'}
if not exists() then return { 'missing' } end
-- Read once: joining is what is asked most, and each command costs as much as all the rest of a line.
local record, room = redis.call('HGETALL', RECORD), {}
for at = 1, #record, 2 do room[record[at]] = record[at + 1] end
if ARGV[2] ~= '' and ARGV[2] ~= room.creator then return { 'forbidden' } end
local isSeen = meetsInSignaling(room.address, room.reports)
local taken = isSeen and takenSeats() or tonumber(room.players) + pendingSeats()
if room.state == 'migrating' then return answerWith('migrating', record, taken) end
if room.locked == '1' then return { 'locked' } end
if taken >= tonumber(room.maxPlayers) then return { 'full' } end
promiseSeats(1, (room.reports or isSeen) and whole(now + tonumber(ARGV[1])) or '+inf')
redis.call('PEXPIREAT', SEATS, whole(tonumber(room.expiresAtMs) + GRACE_MS))
return answerWith('joined', record, taken + 1)
