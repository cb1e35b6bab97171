-- Messages of one instance's members: published if somebody else is there, else held for the next one to join.
-- KEYS[1] members  memberId → instance, evidence, order
-- KEYS[2] state    counters
-- KEYS[3] log      the last entries
-- KEYS[4] held     messages for the next one to join
-- KEYS[5] host     streaming host that the room is bound to
-- KEYS[6] channel  where entries are published
-- ARGV[1] publish          PUBLISH, or SPUBLISH on a Cluster
-- ARGV[2] aliveMs          the room's keys live for this long (ms)
-- ARGV[3] body             `m`, the instance; then two lines a message: sender and its number, text
-- ARGV[4] heldMaxMessages  most messages held
-- ARGV[5] heldMaxBytes     most bytes held
-- ARGV[6] heldTtlMs        what was held for longer is dropped (ms)
-- Returns {'published'}, {'held', how many were dropped for want of room}, {'absent'}: the room has nobody, or {'v1'}:
-- somebody there speaks parley.v1, so it has to go through room-v1-send; announcements need not
if SEQ == 'vseq' and not string.find(ARGV[3], '^m\nannouncement\n') then return { 'v1' } end
return sendOrHold(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
