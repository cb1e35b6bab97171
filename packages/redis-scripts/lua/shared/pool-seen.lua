-- What was seen of a host in its room, in a form that outlives its record (`pool-note`): its room, whether that is sure,
-- and the member that it was; empty when it was never seen.

local function noteSeen(host)
  if not host.seen then return '' end
  return host.roomId .. ' ' .. (host.unsure and 'unsure' or 'sure') .. ' ' .. (host.member or '')
end

-- Answers whether anything was.
local function recallSeen(host, note)
  local roomId, certainty, member = string.match(note, '^(%S+) (%S+) (%S*)$')
  if roomId ~= host.roomId or host.address then return false end
  host.seen, host.unsure, host.member = true, certainty == 'unsure', member ~= '' and member
  return true
end
