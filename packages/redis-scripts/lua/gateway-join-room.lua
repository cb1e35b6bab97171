-- Take one seat of a room, if one is free.
-- KEYS[1] record  hash of the room
-- Returns {'joined', field, value, ...} with the record, {'full'} or {'missing'}
local seats = redis.call('HMGET', KEYS[1], 'players', 'maxPlayers')
if not seats[2] then
  return { 'missing' }
end
if tonumber(seats[1]) >= tonumber(seats[2]) then
  return { 'full' }
end
redis.call('HINCRBY', KEYS[1], 'players', 1)
local answer = redis.call('HGETALL', KEYS[1])
table.insert(answer, 1, 'joined')
return answer
