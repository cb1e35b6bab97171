-- Messages that go to those who are there, or wait for the next one to join. Comes after shared/room.lua.

-- Ids of the members whose messages are to be held although others are there, as keys: nobody but their own instance
-- hears them. Nothing if another one on that instance gets them, or if they are kept for somebody who is away.
local function sendersUnheard(body)
  local instanceId = string.match(body, '^m\n(%S+)')
  local senders, here, all = {}, 0, redis.call('HGETALL', MEMBERS)
  for i = 1, #all, 2 do
    local holder = readMember(all[i + 1])
    if holder == '-' then return {} end
    if holder == instanceId then
      senders[all[i]] = true
      here = here + 1
    end
  end
  return here == 1 and senders or {}
end

-- Publish a body of messages if somebody else is there, else hold it for the next one to join.
local function sendOrHold(publish, aliveMs, body, maxMessages, maxBytes, ttlMs)
  local size = redis.call('HLEN', MEMBERS)
  if size == 0 then return { 'absent' } end

  -- Where nobody but the sender's own instance hears it, the others' has died and is not found out yet: then it is for
  -- the next one to join, as if they were gone.
  local senders
  if size > 1 then
    local _, heard = append(publish, aliveMs, body)
    if heard > 1 then return { 'published' } end
    senders = sendersUnheard(body)
  else
    senders = { [redis.call('HKEYS', MEMBERS)[1]] = true }
  end

  local own = {}
  for sender, number, line in string.gmatch(body, '\n(%S+) (%d+)\n([^\n]*)') do
    if senders[sender] then own[#own + 1] = sender .. ' ' .. number .. '\n' .. line end
  end
  -- If the only member sent none of these, they are for it.
  if #own == 0 then
    if size == 1 then append(publish, aliveMs, body) end
    return { 'published' }
  end

  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local bytes, kept, last = 0, 0, {}
  for _, message in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
    if tonumber(string.match(message, '^%d+')) <= now - tonumber(ttlMs) then
      redis.call('LPOP', HELD)
    else
      bytes, kept = bytes + #message, kept + 1
      local sender, number = string.match(message, '^%d+\n(%S+) (%d+)\n')
      last[sender] = tonumber(number)
    end
  end
  local dropped = 0
  for _, message in ipairs(own) do
    local sender, number = string.match(message, '^(%S+) (%d+)\n')
    -- Sent again since the answer was lost: it is held already.
    local isRepeat = last[sender] ~= nil and tonumber(number) <= last[sender]
    -- The first ones stay: candidates are worth nothing without the offer that they belong to.
    if not isRepeat and (dropped > 0 or kept >= tonumber(maxMessages) or bytes + #message > tonumber(maxBytes)) then
      dropped = dropped + 1
    elseif not isRepeat then
      redis.call('RPUSH', HELD, string.format('%.0f', now) .. '\n' .. message)
      bytes, kept = bytes + #message, kept + 1
    end
  end
  redis.call('PEXPIRE', HELD, aliveMs)
  return { 'held', dropped }
end
