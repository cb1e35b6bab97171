import { markdownTable } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { fromSpeakers, toSpeakers, v1Section } from './v1-page.js';
import {
  addressing,
  clientMessage,
  closes,
  parseClientMessage,
  roomService,
  serverMessage,
  serverMessages,
  type ReconnectPolicy,
} from '../src/index.js';

// The page is written by this test: after a change of a message or a close, `npm run docs` renews it.

const code = (text: string) => `\`${text}\``;

/** Every type that a client may send: an example, and what is to be known of it. */
const fromClients: Record<string, readonly [example: string, meaning: string]> = {
  offer: ['{"type":"offer","sdp":"v=0…"}', 'a session description; pages send it in the tick of `open`'],
  answer: ['{"type":"answer","sdp":"v=0…"}', 'the other one’s'],
  candidate: [
    '{"type":"candidate","candidate":"candidate:…","sdpMid":"0","sdpMLineIndex":0}',
    '`usernameFragment` may come, too; all but `candidate` may be missing, all may be `null`; `""` ends the candidates',
  ],
  'ice-candidate': [
    '{"type":"ice-candidate","candidate":{"candidate":"candidate:…"}}',
    'the same from some hosts; `candidate` is a string or an object',
  ],
  control: [
    '{"type":"control","action":"…","payload":{}}',
    'anything that members agree on; `payload` may be missing',
  ],
  ping: [
    '{"type":"ping","timestamp":1}',
    'relayed like the rest, with all its fields; the other one answers it',
  ],
  pong: ['{"type":"pong","timestamp":1}', 'that answer'],
};

const fromServer: Record<keyof typeof serverMessages, string> = {
  peerDisconnected: 'another member has left; once for each',
  schemaError: 'a message of the receiver’s own was not valid, and was dropped; the connection stays',
  rateLimited: 'messages of the receiver’s own were dropped because of a limit; told once in ten seconds',
};

const policies: Record<ReconnectPolicy, string> = {
  terminal: 'do not come back with the same request: it will be refused again',
  later: 'come back after a while, with growing delays and some chance in them',
  elsewhere: 'come back at once: another instance takes you',
};

function protocolPage(): string {
  const clientRows = Object.entries(fromClients).map(([type, [example, meaning]]) => [
    code(type),
    code(example),
    meaning,
  ]);
  const serverRows = Object.entries(serverMessages).map(([name, message]) => [
    code(JSON.stringify(message)),
    fromServer[name as keyof typeof serverMessages],
  ]);
  const closeRows = Object.values(closes).map(({ code: number, reason, reconnect }) => [
    String(number),
    reason === '' ? '' : code(reason),
    reconnect,
  ]);
  const policyRows = Object.entries(policies).map(([policy, meaning]) => [policy, meaning]);
  return `# The signaling protocol

What a WebSocket client and the signaling service say to each other: in the plain dialect, and in \`parley.v1\`. How the service behaves is in
[services/signaling.md](services/signaling.md).

This page is held to the schemas in \`packages/protocol\` by a test.

## Joining

\`ws://HOST:PORT/?roomId=ROOM\`, any path. With authentication on, a token comes as \`&token=JWT\` or as
\`Authorization: Bearer JWT\`. A room id has 1 to \`ROOM_ID_MAX_LENGTH\` (64) of \`A-Z a-z 0-9 _ - : .\`.
Where traces are on, \`&traceparent=…\` continues the trace of the match ([looking.md](operating/looking.md)).

The connection is open before the join is done. What is sent meanwhile is kept, in order, and treated as if it had come
after. Whoever may not join is let in and closed at once, with one of the codes below: browsers show a reason only then.

## From a client, to all other members of its room

Messages are JSON in text frames. They are relayed without fields that are unknown, with \`type\` first, never back to the
sender; for each receiver in the order in which they were sent, and once. While nobody else is there they are held for the
next one to join, as long as their sender stays.

${markdownTable(['Type', 'Example', 'Notes'], clientRows)}

## From the server to a plain client

${markdownTable(['Message', 'Meaning'], serverRows)}

The gateway tells members of news in \`control\` messages, too: see [rooms.md](rooms.md). Clients ignore what they do not
know.

${v1Section()}
## Closes

${markdownTable(['Code', 'Reason', 'Then'], closeRows)}

${markdownTable(['Then', 'What a client does'], policyRows)}

A client of \`parley.v1\` that is to come back resumes; after 1012 once the time of \`draining\` is over.

Without a code (1006) the network or an instance has failed: as with \`later\`, but the first time at once. The server pings
at protocol level every \`HEARTBEAT_INTERVAL_MS\` (30 s); a client that does not answer until the next ping is cut off.
`;
}

describe('the protocol in the documentation', () => {
  it('shows every type that clients may send, each with a valid example', () => {
    const types = clientMessage.options.map((option) => option.shape.type.value);
    expect(Object.keys(fromClients).toSorted()).toEqual(types.toSorted());
    for (const [type, [example]] of Object.entries(fromClients)) {
      expect(parseClientMessage(example)).toMatchObject({ ok: true, type, text: example });
    }
  });

  it('shows every message of parley.v1, both ways, each with a valid example', () => {
    const sides = [
      { shown: fromSpeakers, schema: roomService },
      { shown: toSpeakers, schema: serverMessage },
    ];
    for (const { shown, schema } of sides) {
      const types = schema.options.map((option) => option.shape.type.value);
      expect(Object.keys(shown).toSorted()).toEqual(types.toSorted());
      for (const [type, [example]] of Object.entries(shown)) {
        expect(schema.parse(JSON.parse(example))).toEqual(JSON.parse(example));
        expect(schema.parse(JSON.parse(example)).type).toBe(type);
      }
    }
    expect(Object.keys(addressing.shape)).toEqual(['to', 'seq']);
  });

  it('is that of the schemas: docs/protocol.md', async () => {
    await expect(protocolPage()).toMatchFileSnapshot('../../../docs/protocol.md');
  });
});
