-- Remember that the room of an Idempotency-Key was created: when it is gone later, it is not created again.
-- KEYS[1] claim  hash of the key
-- Returns {'done'}, or {'unknown'}: the key is not remembered any more
if redis.call('EXISTS', KEYS[1]) == 0 then
  return { 'unknown' }
end
redis.call('HSET', KEYS[1], 'done', 1)
return { 'done' }
