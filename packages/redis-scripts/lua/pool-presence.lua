-- Who is in a streaming host's signaling room: tells its sessions, and whether the host itself is there. Idempotent.
-- The host is: who has answered; else who was it before and has not offered; else the earliest of those that have sent
-- nothing. One that came alone while a lease stood is the client that took it up, and the host only if there is no other
-- – or if it stays alone and silent for as long as a lease lasts: nobody does who came for a stream. Whoever is taken for
-- the host but may be such a client is in doubt: until it answers it holds a slot, and its leaving is not the host's.
-- A lease is taken up only by who is surely a client: it has offered, came from a page, or is beside a host that is not
-- in doubt. Anybody else only holds a slot, and the lease ends by itself: no order of joins, deaths and leaves can free a
-- slot under an unexpired lease.
-- KEYS[1] hosts          hosts by the end of their TTL
-- KEYS[2] state          records of hosts
-- KEYS[3] freeStreaming  streaming hosts by free slots
-- KEYS[4] loadStreaming  streaming hosts by load
-- KEYS[5] freeGame       game servers by free slots
-- KEYS[6] loadGame       game servers by load
-- KEYS[7] leases         leases by their end
-- KEYS[8] leaseHosts     seats and host of each lease
-- KEYS[9] hostLeases     leases of each host
-- KEYS[10] totals        free slots by kind, leased seats, and the reaper's term
-- ARGV[1] hostId      the host
-- ARGV[2] roomId      the room that this is about
-- ARGV[3] version     number of this membership; older ones are discarded
-- ARGV[4] recheckMs  when to ask the room again (ms)
-- ARGV[5…] members in the order they joined, each as: its id, then answered, offered, browser or none
-- Returns {'ok', what to note with `pool-note`, whether it has changed (0 or 1)}, {'unknown'} host, {'other-room'},
-- or {'stale'}
retire()
local hostId, recheckMs = ARGV[1], tonumber(ARGV[4])
local host = load(hostId)
if not host then return { 'unknown' } end
if host.roomId ~= ARGV[2] or host.address then return { 'other-room' } end
if tonumber(ARGV[3]) < host.version then return { 'stale' } end

local seenBefore = noteSeen(host)
local members, evidence = {}, {}
for at = 5, #ARGV, 2 do
  members[#members + 1] = ARGV[at]
  evidence[ARGV[at]] = ARGV[at + 1]
end

-- The first with this evidence, of all or of those that joined after a member.
local function earliest(wanted, after)
  local counts = not after
  for _, member in ipairs(members) do
    if counts and evidence[member] == wanted then return member end
    counts = counts or member == after
  end
end

-- Who stayed when a host left that was not in doubt is a client, whatever it has sent.
local function noteWhoStayed()
  local hasLeft = host.member and host.doubt == 0 and not evidence[host.member]
  if not hasLeft then return end
  for _, member in ipairs(members) do
    if evidence[member] == 'none' then host.lone, host.loneAt = member, now end
  end
end

-- The last silent member that is taken for a client, since it came alone while a lease stood or stayed when the host left;
-- for as long as it stays silent.
local function silentClient()
  local lone = host.lone
  if evidence[lone or ''] ~= 'none' then lone = #members == 1 and host.leased > 0 and earliest('none') or false end
  if lone ~= host.lone or #members > 1 then host.lone, host.loneAt = lone, now end
  return lone
end

local function findHost()
  local answered = earliest('answered')
  if answered then return answered end
  if host.member and evidence[host.member] == 'none' then return host.member end
  local client = silentClient()
  if not client then return earliest('none') end
  if #members > 1 then return earliest('none', client) or client end
  return now - host.loneAt >= host.leaseTtlMs and client or nil
end

-- Whether the member taken for the host may be a client, and whether one that holds a slot: it came while a lease
-- stood, or to a room whose clients came and went without a host.
local function doubtOf(member)
  local isSame, isAlone = member == host.member, #members == 1
  local outstayed = isAlone and now - host.loneAt >= host.leaseTtlMs
  if isSame and (host.doubt == 0 or outstayed) then return 0 end
  if member == host.lone then
    if not isAlone then return DOUBT_WITH_SLOT end
    return isSame and DOUBT or 0
  end
  if isSame then return host.doubt end
  if host.leased > 0 then return DOUBT_WITH_SLOT end
  return host.hostless and DOUBT or 0
end

-- Members that are surely clients. Who was counted as one stays one while it may be there.
local function surelyClients(member, doubt)
  local others, count = #members - (member and 1 or 0), 0
  for _, id in ipairs(members) do
    local came = evidence[id] == 'offered' or evidence[id] == 'browser'
    if id ~= member and (came or member and doubt == 0) then count = count + 1 end
  end
  return math.max(count, math.min(host.clients, others))
end

-- `unsure`: the host counts as seen only through its present member, which has not answered. If that one turns out to
-- be a client, nothing was seen of the host.
local before = evidence[host.member or '']
if host.unsure and (before == 'offered' or before == 'browser') then host.seen = false end
noteWhoStayed()
local member = findHost()
local confirmed = evidence[member or ''] == 'answered'
local sureBefore = host.seen and not (host.unsure and host.member == member)
local doubt = member and not confirmed and doubtOf(member) or 0
local goneInDoubt = host.doubt == DOUBT_WITH_SLOT and not before
if doubt > 0 and (member ~= host.member or #members > 1) then host.loneAt = now end
if confirmed then host.hostless = false
elseif #members == 0 and not host.seen and (host.inRoom > 0 or goneInDoubt) then host.hostless = true end
host.unsure = member and not confirmed and not sureBefore or false
host.member = member or false
host.doubt = doubt
host.seen = host.seen or (member ~= nil and doubt == 0)

-- After a registration the room tells what was there all along: that is no reason to take a lease up.
if host.pending then host.sessions, host.taken = math.huge, math.huge end
host.pending = false
host.version = tonumber(ARGV[3])
local waits = host.lone and not member or doubt > 0
host.bindAt = now + (waits and math.min(host.leaseTtlMs, recheckMs) or recheckMs)
host.inRoom = #members - (member and 1 or 0)
host.clients = surelyClients(member, doubt)
settleSessions(hostId, host, true)
save(hostId, host)
local seen = noteSeen(host)
return { 'ok', seen, seen ~= seenBefore and 1 or 0 }
