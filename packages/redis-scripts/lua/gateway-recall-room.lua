-- Write a room's record again that Redis has lost, as who calls remembers it. The call alone says that it stood until just
-- now; that it did not end since is read here: a room that is closed leaves an event behind for minutes.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] address     host:port of a game server; empty for a streaming host
-- ARGV[2] isReported  1: its host reports it; 0: that it has it, signaling has to show, unless it has yet to open it
-- ARGV[3] leftMs      for how long the room would stand (ms)
-- ARGV[4] seats       seats that were promised
-- ARGV[5] seatsForMs  how long they stand where they end (ms)
-- ARGV[6…] the record, each as: field, value
-- Returns {'back'}; {'exists'}: it stands; {'over'}: it ended; or {'unseen'}: its host is not there, or not yet
if redis.call('EXISTS', RECORD) == 1 then return { 'exists' } end
if redis.call('EXISTS', EVENTS) == 1 then return { 'over' } end

local function recorded(field)
  for at = 6, #ARGV, 2 do
    if ARGV[at] == field then return ARGV[at + 1] end
  end
end

-- Nobody places one elsewhere before its host is late.
local function isYetToOpen()
  return recorded('state') == 'placed' and now < openUntil(recorded('placedAtMs'), recorded('leaseEndsAtMs'))
end
if ARGV[2] == '0' and not isYetToOpen() and not seenInSignaling(ARGV[1]) then return { 'unseen' } end
redis.call('DEL', SEATS)
set(unpack(ARGV, 6))
-- Above any epoch that it had, also if it is lost again: whoever still moves it as it was sees another one.
set('epoch', whole(math.max(now, tonumber(get('epoch')) + 1)))
local isForAWhile = get('reports') or meetsInSignaling(get('address'), false)
local seatsForMs = tonumber(ARGV[5])
if not isForAWhile or seatsForMs > 0 then
  promiseSeats(tonumber(ARGV[4]), isForAWhile and whole(now + seatsForMs) or '+inf')
end
keepUntil(now + tonumber(ARGV[3]))
tell('assigned', 'hostId', get('hostId'), 'address', get('address'))
return { 'back' }
