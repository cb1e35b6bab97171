-- Reference: take a seat, and nothing else.
-- KEYS[1] the room
-- Returns seats taken
return redis.call('HINCRBY', KEYS[1], 'players', 1)
