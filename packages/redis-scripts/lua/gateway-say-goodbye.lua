-- A host says goodbye. Whoever believed that it is expected, since it had been heard of, can tell from the number.
-- KEYS[1] rooms  rooms that were given to the host
-- ARGV[1] forgetMs  the list is forgotten this long after it was last touched (ms)
-- Returns {'gone', the rooms that are the host's...}
redis.call('HINCRBY', KEYS[1], '@goodbyes', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local list, answer = redis.call('HGETALL', KEYS[1]), { 'gone' }
for at = 1, #list, 2 do
  if list[at + 1] == 'given' then answer[#answer + 1] = list[at] end
end
return answer
