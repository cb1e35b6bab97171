-- Promise one seat of a room, if one is free. It is taken when the host reports one player more. Where the host reports
-- no players, nobody can tell whether the player came, and the seat is theirs as long as the room stands.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] seatTtlMs  how long the promise stands (ms)
-- Returns {'joined'|'migrating', field, value, ...} with the record, {'full'}, {'locked'} or {'missing'}
if not exists() then return { 'missing' } end
-- Read once: joining is what is asked most, and each command costs as much as all the rest of a line.
local record, room = redis.call('HGETALL', RECORD), {}
for at = 1, #record, 2 do room[record[at]] = record[at + 1] end
local taken = tonumber(room.players) + pendingSeats()
if room.state == 'migrating' then return answerWith('migrating', record, taken) end
if room.locked == '1' then return { 'locked' } end
if taken >= tonumber(room.maxPlayers) then return { 'full' } end
promiseSeats(1, room.reports and whole(now + tonumber(ARGV[1])) or '+inf')
redis.call('PEXPIREAT', SEATS, whole(tonumber(room.expiresAtMs) + GRACE_MS))
return answerWith('joined', record, taken + 1)
