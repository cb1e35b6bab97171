-- Read a room.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- Returns {'found', field, value, ...} or {'missing'}
if not exists() then return { 'missing' } end
return withRecord('found')
