-- Claims of hosts for regions (`pool-claim`): what an older claim still sends is refused where a later one was.
local CLAIM_TTL_MS = 3600000

-- Answers the number of the later claim that was here before, or nil: then this one is the latest. Where no other region
-- knows the host there is nothing to refuse, and no key is spent.
local function laterClaim(claim, isAlone)
  local last = tonumber(redis.call('GET', KEYS[11]) or 0)
  if last > tonumber(claim) then return whole(last) end
  if isAlone and last == 0 then return end
  redis.call('SET', KEYS[11], claim, 'PX', CLAIM_TTL_MS)
end
