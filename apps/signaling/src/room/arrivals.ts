import { setTimeout as delay } from 'node:timers/promises';
import type { RelayedMessage } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import { letGo } from '../v1/take-over.js';
import { V1Member } from '../v1/v1-member.js';
import type { RoomInside } from './inside.js';
import type { JoinAttempt, JoinOutcome } from './queue.js';

/** A full room with members of an instance that seems to be gone is tried again for 3 s, until that is known. */
const SUSPECT_MS = 500;
const SUSPECT_ATTEMPTS = 7;

/** Resolves when the room's channel is subscribed; undefined when it is already. @throws RedisUnavailableError */
export type OpenChannel = () => Promise<void> | undefined;

/** Whose arrivals they are. */
export interface ArrivalsOwner {
  inside(): RoomInside;
  leave(member: Member): void;
  leaveChannel(): void;
}

/** Those who come into a room: each tries until it has a place, or it is known that there is none. */
export class Arrivals {
  #count = 0;
  /** Those of them that wait until it is known whether somebody who has the place is dead. */
  #outside = 0;
  /** What came through the channel until it was left: nobody else may have heard it. */
  readonly heard: RelayedMessage[] = [];
  readonly #room: RoomInside;

  constructor(private readonly owner: ArrivalsOwner) {
    this.#room = owner.inside();
  }

  get isOver(): boolean {
    return this.#count === 0;
  }

  /** Let a member join. @throws RedisUnavailableError */
  async join(member: Member, open: OpenChannel): Promise<JoinOutcome> {
    this.#count += 1;
    try {
      return await this.#join(member, open);
    } finally {
      this.#count -= 1;
    }
  }

  async #join(member: Member, open: OpenChannel): Promise<JoinOutcome> {
    let asked = 0;
    let isOutside = false;
    for (let attempt = 1; ; attempt += 1) {
      if (!isOutside) await open();
      const outcome = await this.#try(member);
      if (outcome === 'joined' && isOutside) await this.#comeIn(member, open);
      if (outcome === 'joined' || outcome === 'full') return outcome;
      if (outcome === 'leaving' || outcome === 'elsewhere') {
        if (outcome === 'leaving') await this.#room.queue.untilOut();
        // Nobody is let go of for a client that has gone itself.
        if (outcome === 'elsewhere' && member.socket.isOver) return 'full';
        if (outcome === 'elsewhere' && member instanceof V1Member) await letGo(this.#room, member, asked++);
        attempt = 0;
        continue;
      }
      if (attempt === SUSPECT_ATTEMPTS) return 'full';
      isOutside = true;
      await this.#waitOutside();
    }
  }

  #try(member: Member): Promise<JoinAttempt> {
    return new Promise((resolve, reject) => {
      this.#room.queue.push({ kind: 'join', member, resolve, reject });
      this.#room.context.schedule(this.#room.queue);
    });
  }

  /** Who only waits for a place hears nothing of the room: messages would seem to have reached somebody. */
  async #waitOutside(): Promise<void> {
    this.#outside += 1;
    if (this.#room.locals.size === 0 && this.#outside === this.#count) {
      this.owner.leaveChannel();
      this.heard.push(...this.#room.feed.unheard());
    }
    await delay(SUSPECT_MS);
    this.#outside -= 1;
  }

  /** It has a place: what was said before its channel stood is in the log. */
  async #comeIn(member: Member, open: OpenChannel): Promise<void> {
    this.heard.length = 0;
    try {
      await open();
    } catch (error) {
      this.owner.leave(member);
      throw error;
    }
    this.#room.confirm();
  }
}
