-- A room is to leave its host. Whoever begins last may finish: earlier ones see another epoch.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] hostId  the host that it is to leave
-- ARGV[2] keepMs  how long a new host is looked for (ms)
-- Returns {'moving', epoch, where, address, region, leaseId} with where it was, {'elsewhere', hostId}: it is on that host,
-- {'closed'}: none was found in time, or {'missing'}
-- A room that so many hosts in a row did not open is not tried on yet another.
local UNCONFIRMED_MAX = 3

if not exists() then return { 'missing' } end
if get('hostId') ~= ARGV[1] then return { 'elsewhere', get('hostId') } end
if tonumber(get('unconfirmed') or 0) >= UNCONFIRMED_MAX then
  close('no host took it')
  return { 'closed' }
end
if get('state') ~= 'migrating' then
  set('state', 'migrating')
  keepUntil(now + tonumber(ARGV[2]))
  tell('migrating')
elseif tonumber(get('expiresAtMs')) <= now then
  close('its host is gone, and no other had a free slot in time')
  return { 'closed' }
end
local epoch = redis.call('HINCRBY', RECORD, 'epoch', 1)
return { 'moving', epoch, get('where'), get('address'), get('region'), get('leaseId') }
