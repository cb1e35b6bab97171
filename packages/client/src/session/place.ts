import type { ServerMessage } from '@parley/protocol';
import type { Welcome } from './events.js';
import { Members, type Missed } from './members.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import { Seen } from './seen.js';

export type WelcomeMessage = Extract<ServerMessage, { type: 'welcome' }>;

/** How a session is in its room (again). */
interface Entered {
  readonly welcome: Welcome;
  /** What changed in the room since it was there. */
  readonly missed: readonly Missed[];
  /** False when the server lacks messages that are forgotten here. */
  readonly isComplete: boolean;
}

/** What a session has in its room, whatever becomes of its connections: a name, the others, and what is on its way. */
export class Place {
  readonly members = new Members();
  readonly outbox: Outbox;
  /** What came of whom. */
  readonly seen = new Seen();
  /** Undefined before the first welcome, and in the plain dialect. */
  memberId: string | undefined;
  resumeToken: string | undefined;

  constructor(limits: OutboxLimits | undefined) {
    this.outbox = new Outbox(limits);
  }

  /** The server says that we are in. */
  enter(message: WelcomeMessage): Entered {
    const { type: _, resumeToken, received, ...rest } = message;
    const isReturn = this.memberId !== undefined;
    const isSameMember = rest.memberId === this.memberId;
    let uncertain: object[] = [];
    let isComplete = true;
    if (isReturn && !isSameMember) {
      uncertain = this.outbox.restart(false);
      this.seen.clear();
    } else if (isReturn && received === undefined) uncertain = this.outbox.giveUpWritten();
    else if (isReturn) isComplete = this.outbox.resume(received ?? 0);
    this.memberId = rest.memberId;
    this.resumeToken = resumeToken;
    // Their messages may have come until now, and so their numbers were needed.
    for (const memberId of this.members.gone) this.seen.delete(memberId);
    const missed = this.members.replace(rest.members, rest.userId);
    // Nothing is missing only where the others have all of ours, too.
    const recovered = rest.recovered && isComplete;
    return { welcome: { ...rest, recovered, isReturn, isSameMember, uncertain }, missed, isComplete };
  }
}
