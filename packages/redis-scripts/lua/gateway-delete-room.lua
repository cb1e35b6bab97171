-- Remove a room's record, if it is still the one that the caller saw: another delete may have come first.
-- KEYS[1] record  hash of the room
-- ARGV[1] leaseId  the lease that holds the room's slot
-- Returns {'deleted'} or {'missing'}
if redis.call('HGET', KEYS[1], 'leaseId') ~= ARGV[1] then
  return { 'missing' }
end
redis.call('DEL', KEYS[1])
return { 'deleted' }
