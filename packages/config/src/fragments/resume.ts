import { integer } from '../values.js';

/** What signaling keeps for clients of `parley.v1`. */
export const resumeSettings = {
  RESUME_GRACE_SECONDS: integer('seconds', 1, 300)
    .default(10)
    .describe('the place of a `parley.v1` client that lost its connection is kept for this long'),
  CHAT_HISTORY_MAX: integer('messages', 0, 1_000).default(100).describe('most chats kept for late joiners'),
  CHAT_HISTORY_MAX_BYTES: integer('bytes', 0, 1_048_576)
    .default(65_536)
    .describe('most bytes of chats kept for late joiners'),
};
