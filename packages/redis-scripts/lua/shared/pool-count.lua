-- A region in numbers, from running totals.

-- Answers how many hosts live, how many seats are leased, and the free slots of streaming hosts and of game servers; nil
-- where more is due than one call retires.
local function countRegion()
  if retire() then return nil end
  local totals = redis.call('HMGET', TOTALS, 'leased', 'streaming', 'game')
  local function total(at) return tonumber(totals[at] or 0) end
  return redis.call('ZCARD', HOSTS), math.max(0, total(1)), total(2), total(3)
end
