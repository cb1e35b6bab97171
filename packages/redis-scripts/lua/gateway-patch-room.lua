-- Change what a room's owner may change; an empty argument changes nothing.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] maxPlayers  seats (players)
-- ARGV[2] visibility  private or public
-- ARGV[3] metadata    what its owner wants others to know of it (JSON)
-- ARGV[4] locked      1: nobody joins; 0: who likes
-- Returns {'patched', field, value, ...} with the record, or {'missing'}
if not exists() then return { 'missing' } end
for at, field in ipairs({ 'maxPlayers', 'visibility', 'metadata', 'locked' }) do
  if ARGV[at] ~= '' then set(field, ARGV[at]) end
end
redis.call('HINCRBY', RECORD, 'edits', 1)
return withRecord('patched')
