-- A room that is to move gets its new host, if nobody else began to move it since, and its old host did not come back.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] epoch          what begin-move answered
-- ARGV[2] hostId         the new host
-- ARGV[3] region         its region
-- ARGV[4] hostRoomId     its own signaling room
-- ARGV[5] address        host:port of a game server; empty for a streaming host
-- ARGV[6] leaseId        the lease that holds the room's slot there
-- ARGV[7] leaseEndsAtMs  end of that lease (ms since 1970)
-- Returns {'moved', moves}: how often it moved so far; or {'lost'}
if not exists() or get('epoch') ~= ARGV[1] or get('state') ~= 'migrating' then return { 'lost' } end
set('hostId', ARGV[2], 'region', ARGV[3], 'hostRoomId', ARGV[4], 'address', ARGV[5])
set('leaseId', ARGV[6], 'leaseEndsAtMs', ARGV[7], 'state', 'placed', 'placedAtMs', whole(now))
redis.call('HINCRBY', RECORD, 'epoch', 1)
redis.call('HINCRBY', RECORD, 'unconfirmed', 1)
local moves = redis.call('HINCRBY', RECORD, 'moves', 1)
-- Those who played have to come again: their seats are kept as long as the new host has time to open the room.
promiseSeats(tonumber(get('players')), ARGV[7])
set('players', 0)
redis.call('HDEL', RECORD, 'reports', 'used')
keepUntil(tonumber(ARGV[7]))
tell('migrated', 'hostId', ARGV[2], 'address', ARGV[5])
return { 'moved', moves }
