import { markdownTable } from '@parley/testkit';
import { errorCodes } from '../src/index.js';

const code = (text: string) => `\`${text}\``;

/** Every message that only a client of `parley.v1` may send: an example, and what is to be known of it. */
export const fromSpeakers: Record<string, readonly [example: string, meaning: string]> = {
  resume: [
    '{"type":"resume","seen":{"~b":41}}',
    'first message of a client that came with `?resume=`: the highest `seq` it has of each sender',
  ],
  chat: ['{"type":"chat","text":"hello","seq":7}', 'to all that speak `parley.v1`, the sender, too'],
  typing: [
    '{"type":"typing","state":"start"}',
    'or `stop`; ends by itself after 6 s, with a chat, or when its sender is away. Never numbered, kept or repeated',
  ],
  private: [
    '{"type":"private","toUser":"ann","text":"psst"}',
    'to all members of that user in the room; only from a member whose token names a user (`sub`)',
  ],
};

/** Every message of the server, with an example of it. */
export const toSpeakers: Record<string, readonly [example: string, meaning: string]> = {
  welcome: [
    '{"type":"welcome","memberId":"~a","roomId":"r","resumeToken":"~a.…","recovered":false,"received":0,"resumeGraceMs":10000,"members":[{"memberId":"~b","userId":"ann","away":true}]}',
    'first of all; see below. `userId` and `history` (the last chats) where there are any',
  ],
  'peer-joined': [
    '{"type":"peer-joined","memberId":"~b","userId":"ann","resumed":true}',
    'another member is there; `resumed`: it had been away, and is back',
  ],
  'peer-away': ['{"type":"peer-away","memberId":"~b"}', 'it has lost its connection, and may come back'],
  'peer-disconnected': ['{"type":"peer-disconnected","memberId":"~b"}', 'it is gone for good'],
  'user-joined': ['{"type":"user-joined","userId":"ann"}', 'the first member of a user has come'],
  'user-left': ['{"type":"user-left","userId":"ann"}', 'the last one has gone; who is away has not'],
  chat: [
    '{"type":"chat","id":"17","from":"~b","seq":7,"userId":"ann","text":"hello","at":1700000000000}',
    'the same order for all; `id` grows, `at` is in ms since 1970',
  ],
  typing: ['{"type":"typing","from":"~b","state":"start"}', 'somebody begins or ends to type'],
  private: [
    '{"type":"private","from":"~b","seq":8,"fromUser":"ann","text":"psst","at":1700000000000}',
    'for this user alone',
  ],
  draining: [
    '{"type":"draining","retryAfterMs":120}',
    'right before a close with 1012: come back after that time, so that not all come at once',
  ],
  error: [
    '{"type":"error","code":"unknown-member","detail":"to: …","seq":7}',
    'a message of the receiver’s own was not passed on (`seq`: that one, where it is known); the connection stays',
  ],
};

/** Fields of a welcome that answers a resume. */
const afterReturn = [
  [
    '`recovered`',
    '`true`: all that was missed follows, each message once, in order. `false`: something may be missing: begin anew',
  ],
  [
    '`received`',
    'number of its own last message that was taken: send those after it again. Absent where it is not known: send none again',
  ],
  ['`members`', 'who is there now; whoever is not, has left meanwhile'],
  ['`history`', 'only if something may be missing'],
];

const rows = (messages: Record<string, readonly [string, string]>) =>
  Object.entries(messages).map(([type, [example, meaning]]) => [code(type), code(example), meaning]);

/** What the page says of the dialect. */
export function v1Section(): string {
  const errors = Object.entries(errorCodes).map(([name, meaning]) => [code(name), meaning]);
  return `## The dialect \`parley.v1\`

A client that offers the WebSocket subprotocol \`parley.v1\` is spoken to in it. Members of both kinds meet in one room, and
plain ones notice nothing of it. Ids of members that speak it begin with \`~\`.

The first message is the \`welcome\`. Messages of the table above come with \`from\`, the sender's id, and \`seq\`, their number
among that sender's: each at most once, and in order. Numbers may leave some out, since some messages are for others. News
from the gateway (\`control\` without \`from\`) have none; they are not repeated to who was away.

A client may add to what it sends

- \`to\`: the id of the only member that it is for;
- \`seq\`: its own number, from 1, each one greater than the one before, for as long as it is the same member. One that is not
  greater than the last one taken is ignored: it was taken before. Either all its messages have one, or none. Without, the
  server counts. A message that is refused has used its number up. The greatest is 2^40.

### From a client that speaks it, besides

${markdownTable(['Type', 'Example', 'Notes'], rows(fromSpeakers))}

### From the server to a client that speaks it

${markdownTable(['Type', 'Example', 'Meaning'], rows(toSpeakers))}

${markdownTable(['Error', 'Meaning'], errors)}

A chat that was refused with \`unavailable\` has used its number up once the client has shown, by the answer to a ping, that it
was told. If its connection is lost before, the chat counts as not taken: \`received\` of the next \`welcome\` says so, and
who was told already does not send it again.

### Coming back

A member whose connection is lost without a goodbye (anything but a close with 1000, 1001 or without a code) is away: its
place is kept for \`resumeGraceMs\`, what is sent to it is kept, and the others are told \`peer-away\`. Plain members are told
nothing. It comes back to any instance with \`&resume=\` and the \`resumeToken\` of its last welcome, and says with its first
message, \`resume\`, what it has. The answer is a \`welcome\` with the same \`memberId\`:

${markdownTable(['Field', 'After a resume'], afterReturn)}

Another \`memberId\` than before, with \`recovered: false\`, means that the place is lost: the grace is over, or the token is not
good (any more). A token is good for one return: it is used up once the client has shown by the answer to a ping that the next
welcome has reached it; until then it may be shown again. If two connections come with the same token, the later one gets the
place, and the earlier one is closed with 1000 \`Resumed elsewhere\`: it must not come back by itself. A token is bound to its
member, its room and, with authentication, its user.

Without a clean goodbye for longer than that, the others are told \`peer-disconnected\`.
`;
}
