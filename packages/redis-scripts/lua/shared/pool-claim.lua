-- Claims of hosts for regions (`pool-claim`): what an older claim still sends is refused where a later one was.
local CLAIM_TTL_MS = 3600000

-- Answers the number of the later claim that was here before, or nil: then this one is the latest.
local function laterClaim(claim)
  local last = tonumber(redis.call('GET', KEYS[11]) or 0)
  if last > tonumber(claim) then return whole(last) end
  redis.call('SET', KEYS[11], claim, 'PX', CLAIM_TTL_MS)
end
