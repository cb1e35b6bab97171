-- Publish a body of messages if somebody else is there, else hold it for the next one to join. Comes after shared/room.lua.
local function sendOrHold(publish, aliveMs, body, maxMessages, maxBytes, ttlMs)
  local size = redis.call('HLEN', MEMBERS)
  if size > 1 then
    append(publish, aliveMs, body)
    return { 'published' }
  end
  if size == 0 then return { 'absent' } end

  -- The only member: messages of its own are held; if it sent none of these, they are for it.
  local only = redis.call('HKEYS', MEMBERS)[1]
  local own = {}
  for sender, number, line in string.gmatch(body, '\n(%S+) (%d+)\n([^\n]*)') do
    if sender == only then own[#own + 1] = sender .. ' ' .. number .. '\n' .. line end
  end
  if #own == 0 then
    append(publish, aliveMs, body)
    return { 'published' }
  end

  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local bytes, kept = 0, 0
  for _, message in ipairs(redis.call('LRANGE', HELD, 0, -1)) do
    if tonumber(string.match(message, '^%d+')) <= now - tonumber(ttlMs) then
      redis.call('LPOP', HELD)
    else
      bytes, kept = bytes + #message, kept + 1
    end
  end
  local dropped = 0
  for _, message in ipairs(own) do
    -- The first ones stay: candidates are worth nothing without the offer that they belong to.
    if dropped > 0 or kept >= tonumber(maxMessages) or bytes + #message > tonumber(maxBytes) then
      dropped = dropped + 1
    else
      redis.call('RPUSH', HELD, string.format('%.0f', now) .. '\n' .. message)
      bytes, kept = bytes + #message, kept + 1
    end
  end
  redis.call('PEXPIRE', HELD, aliveMs)
  return { 'held', dropped }
end
