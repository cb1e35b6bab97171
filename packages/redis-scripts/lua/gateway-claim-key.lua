-- Remember what a client's Idempotency-Key stands for, or tell what it stood for already.
-- KEYS[1] claim  hash of the key
-- ARGV[1] roomId   name of the room that the request is to create
-- ARGV[2] salt     what the room's owner token is made from, together with the key itself
-- ARGV[3] request  digest of the request's body
-- ARGV[4] ttlMs    how long the key is remembered (ms)
-- Returns {'new'|'running'|'done', roomId, salt} with what is remembered, or {'other'}: it was another request
if redis.call('HSETNX', KEYS[1], 'roomId', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'salt', ARGV[2], 'request', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return { 'new', ARGV[1], ARGV[2] }
end
local claim = redis.call('HMGET', KEYS[1], 'roomId', 'salt', 'request', 'done')
if claim[3] ~= ARGV[3] then
  return { 'other' }
end
return { claim[4] and 'done' or 'running', claim[1], claim[2] }
