import { openSocket } from '../../../src/socket.js';
import { countMessage, countOf, EVERY_MS, type Heard } from './counted.js';

/** A member of the plain dialect that counts, and remembers what it hears of the other one. */
export interface PlainMember {
  readonly sent: number;
  readonly heard: readonly Heard[];
  /** Types of the messages that were no numbers. */
  readonly others: readonly string[];
  /** Why its connection ended, if it did. */
  readonly closed: string | undefined;
  say(message: object): void;
  /** Count from now on. */
  count(): void;
  /** Say one more number. */
  countOn(): void;
  stop(): void;
  leave(): void;
}

/** Join a room. */
export async function joinPlain(url: string): Promise<PlainMember> {
  const heard: Heard[] = [];
  const others: string[] = [];
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const joined = await openSocket(url);
  joined.socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
    const n = countOf(message);
    if (n === undefined) others.push(String(message['type']));
    else heard.push({ n, atMs: performance.now() });
  });
  const countOn = () => joined.send(countMessage(++sent));
  const stop = () => clearInterval(timer);
  return {
    get sent() {
      return sent;
    },
    heard,
    others,
    get closed() {
      return joined.closed && `${joined.closed.code} ${joined.closed.reason}`;
    },
    say: (message) => joined.send(message),
    count: () => (timer = setInterval(countOn, EVERY_MS)),
    countOn,
    stop,
    leave() {
      stop();
      joined.socket.terminate();
    },
  };
}
