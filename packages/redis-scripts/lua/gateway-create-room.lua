-- Write a new room's record, unless a room of that name exists. It ends together with the slot's lease, unless it is used.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] hostId       the host that the room was given to
-- ARGV[2] region       region of that host
-- ARGV[3] hostRoomId   the host's own signaling room
-- ARGV[4] address      host:port of a game server; empty for a streaming host
-- ARGV[5] leaseId      the lease that holds the room's slot
-- ARGV[6] maxPlayers   seats (players)
-- ARGV[7] ownerHash    SHA-256 of the owner's token (hex)
-- ARGV[8] where        what its creator asked of the host (JSON), for when it has to move
-- ARGV[9] visibility   private or public
-- ARGV[10] metadata    what its creator wants others to know of it (JSON)
-- ARGV[11] creator     the user who creates it, who may always join; empty for nobody
-- ARGV[12] expiresAtMs  end of the lease and of the record (ms since 1970)
-- Returns {'created', field, value, ...} with the record, or {'exists'}
if exists() then return { 'exists' } end
redis.call('DEL', RECORD, SEATS)
set(
  'hostId', ARGV[1], 'region', ARGV[2], 'hostRoomId', ARGV[3], 'address', ARGV[4], 'leaseId', ARGV[5],
  'maxPlayers', ARGV[6], 'ownerHash', ARGV[7], 'where', ARGV[8], 'visibility', ARGV[9], 'metadata', ARGV[10],
  'leaseEndsAtMs', ARGV[12], 'createdAtMs', whole(now), 'placedAtMs', whole(now),
  'state', 'placed', 'epoch', 1, 'players', 0, 'expiresAtMs', ARGV[12], 'creator', ARGV[11]
)
redis.call('PEXPIREAT', RECORD, whole(tonumber(ARGV[12]) + GRACE_MS))
tell('assigned', 'hostId', ARGV[1], 'address', ARGV[4])
return answerWith('created', redis.call('HGETALL', RECORD), 0)
