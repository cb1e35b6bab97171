import type { RelayedMessage } from '@parley/redis-scripts';
import type { RoomInside } from '../room/inside.js';
import type { V1Member } from './v1-member.js';
import { EVERYBODY } from './audience.js';

/** Redis has so long to take a chat: what its sender says next has to wait for it. */
const TAKEN_MS = 2_000;

/** And to bring it back through the room's channel, before it is asked whether something was missed. */
const BACK_MS = 1_000;

interface Waiting {
  readonly seq: number;
  readonly resolve: () => void;
}

/** Chats of members here: they come to all in the order in which Redis took them, so they are not handed on directly. */
export class Chats {
  #waiting: Waiting[] = [];

  constructor(
    private readonly room: RoomInside,
    private readonly hand: (message: RelayedMessage) => void,
  ) {}

  /** Resolves when everybody here has it, its sender included. @returns false when Redis does not take it */
  async say({ id, userId }: V1Member, n: number, text: string): Promise<boolean> {
    const fields = { from: id, seq: n, ...(userId !== undefined && { userId }), text };
    const taken = await this.#take(id, n, JSON.stringify(fields).slice(1, -1));
    if (!taken) return false;
    if (!(await this.#isBack(taken.seq))) this.room.confirm();
    // Where the channel has brought it, it is not handed over again.
    this.hand({ from: id, n, text: taken.text, to: EVERYBODY });
    return true;
  }

  /** Entries up to this one were applied. */
  applied(seq: number): void {
    const done = this.#waiting.filter((each) => each.seq <= seq);
    if (done.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => each.seq > seq);
    for (const { resolve } of done) resolve();
  }

  #take(memberId: string, n: number, rest: string): Promise<{ seq: number; text: string } | undefined> {
    const { id, queue, context } = this.room;
    return new Promise((resolve) => {
      let isTooLate = false;
      const timer = setTimeout(() => {
        isTooLate = true;
        resolve(undefined);
      }, TAKEN_MS);
      const settle = (taken?: { seq: number; text: string }) => {
        clearTimeout(timer);
        resolve(taken);
      };
      queue.push({
        kind: 'task',
        run: async () => {
          // Its sender was told that it could not be done.
          if (isTooLate) return;
          await context.v1.chat(id, memberId, n, rest).then(settle, () => settle());
        },
      });
      context.schedule(queue);
    });
  }

  #isBack(seq: number): Promise<boolean> {
    if ((this.room.feed.seen ?? 0) >= seq) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), BACK_MS);
      const done = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.push({ seq, resolve: done });
    });
  }
}
