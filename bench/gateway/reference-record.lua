-- Reference: write a room's record where one is given, and read it.
-- KEYS[1] the room
-- ARGV[1] fields (JSON), or empty; ARGV[2] time to live (ms)
-- Returns the fields
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], 'room', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return redis.call('HGET', KEYS[1], 'room')
