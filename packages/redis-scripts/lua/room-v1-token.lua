-- A member has its last welcome for sure: the token before is good no longer, and it knows whether it missed something.
-- KEYS[1] v1  sessions and counters of parley.v1
-- ARGV[1] memberId   the member
-- ARGV[2] tokenHash  hash of the token that it has
-- Returns {'ok'}, or {'other'}: it has been given another one since
local json = redis.call('HGET', KEYS[1], 'm ' .. ARGV[1])
local session = json and cjson.decode(json)
if not session or session.t ~= ARGV[2] then return { 'other' } end
-- Another connection is about to take the member over with that token: one of the two has to win.
local time = redis.call('TIME')
if not session.k or session.k < time[1] * 1000 then session.p, session.k = nil, nil end
session.c = 1
redis.call('HSET', KEYS[1], 'm ' .. ARGV[1], cjson.encode(session))
return { 'ok' }
