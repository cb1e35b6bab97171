-- Remove a room, if it is still the one that the caller saw: another delete may have come first.
-- KEYS[1] record   hash of the room
-- KEYS[2] seats    promised seats by their end
-- KEYS[3] events   what happened to the room
-- KEYS[4] members  who is in the signaling room of that name
-- ARGV[1] epoch   which placement of the room the caller saw; empty for any
-- ARGV[2] reason  why, for those who watch the room
-- Returns {'deleted', field, value, ...} with what the record was, or {'missing'}
if not exists() or (ARGV[1] ~= '' and get('epoch') ~= ARGV[1]) then return { 'missing' } end
local answer = withRecord('deleted')
close(ARGV[2])
return answer
