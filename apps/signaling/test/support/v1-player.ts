import type { TcpProxy, TestSocket } from '@parley/testkit';
import type { Heard } from './v1.js';

/** What a member has to get of another one: from the first on, but for those excused; chats are not held for anybody. */
export interface Expected {
  first: number;
  firstChat: number;
  excused: number;
  mayGet: number;
}

/** One message as the model sees it: what it carries. */
interface Sent {
  readonly n: number;
  /** Name of the only one that it is for. */
  readonly to: string | undefined;
  readonly body: Record<string, unknown>;
}

/** A member as the model knows it. */
export class Player {
  id = '';
  token = '';
  on = 0;
  state: 'present' | 'lost' = 'present';
  socket!: TestSocket;
  proxy: TcpProxy | undefined;
  /** Its instance was killed since it was welcomed: something may be missing. */
  mayMiss = false;
  readonly sent: Sent[] = [];
  /** The first message that the next one has to get, and the first that it may get, if this one is alone by then. */
  aloneSince = 1;
  mayBeHeldSince = 1;
  /** What it got from earlier connections, then from this one. */
  earlier: Heard[] = [];
  /** For each other one, the first number that it has to get; and those that it need not get. */
  readonly expects = new Map<Player, Expected>();
  readonly mayLeave = new Set<string>();

  constructor(
    readonly name: string,
    readonly isPlain: boolean,
  ) {}

  get got(): Heard[] {
    return [...this.earlier, ...(this.socket.messages as Heard[])];
  }

  /** Numbers that it got of another one, as they came. */
  numbersOf(other: Player): number[] {
    return this.got.flatMap((message) => {
      const { payload } = message as { payload?: { from: string; n: number } };
      const chat =
        message.type === 'chat'
          ? (JSON.parse(String(message['text'])) as { from: string; n: number })
          : undefined;
      const said = payload ?? chat;
      return said?.from === other.name ? [said.n] : [];
    });
  }

  seen(): Record<string, number> {
    const seen: Record<string, number> = {};
    for (const { from, seq } of this.got) {
      if (from !== undefined && seq !== undefined) seen[from] = Math.max(seen[from] ?? 0, seq);
    }
    return seen;
  }
}
