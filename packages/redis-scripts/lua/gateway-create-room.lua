-- Write a new room's record, unless a room of that name exists. The record ends together with the slot's lease.
-- KEYS[1] record  hash of the room
-- ARGV[1] hostId  the host that the room was given to
-- ARGV[2] region  region of that host
-- ARGV[3] hostRoomId  the host's own signaling room
-- ARGV[4] address  host:port of a game server; empty for a streaming host
-- ARGV[5] leaseId  the lease that holds the room's slot
-- ARGV[6] maxPlayers  seats (players)
-- ARGV[7] ownerHash  SHA-256 of the owner's token (hex)
-- ARGV[8] expiresAtMs  end of the lease and of the record (ms since 1970)
-- Returns {'created'} or {'exists'}
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'exists' }
end
redis.call(
  'HSET', KEYS[1],
  'hostId', ARGV[1],
  'region', ARGV[2],
  'hostRoomId', ARGV[3],
  'address', ARGV[4],
  'leaseId', ARGV[5],
  'maxPlayers', ARGV[6],
  'ownerHash', ARGV[7],
  'expiresAtMs', ARGV[8],
  'players', 0
)
redis.call('PEXPIREAT', KEYS[1], ARGV[8])
return { 'created' }
