import { integer } from '../values.js';

const events = (what: string) => integer(what, 1, 1_000_000_000);

/** How much one client may ask of signaling, in any 10 seconds. */
export const signalingLimitSettings = {
  RATE_LIMIT_CONN_PER_10S: events('connections').default(20).describe('most new connections of one address'),
  RATE_LIMIT_MESSAGES_PER_10S: events('messages')
    .default(200)
    .describe('most messages of one member: so many at once, and as many again in 10 s'),
  RATE_LIMIT_IP_MSGS_PER_10S: events('messages').default(400).describe('most messages of one address'),
  RATE_LIMIT_ROOM_MSGS_PER_10S: events('messages').default(800).describe('most messages of one room'),
};
