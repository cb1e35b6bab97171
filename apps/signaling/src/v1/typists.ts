import type { RoomInside } from '../room/inside.js';
import { isV1 } from './resume-token.js';

/** Who says no more is not typing any more. */
const TYPING_MS = 6_000;

/** A client may say so with every key; other instances hear of it this often. */
const REPEAT_MS = 2_000;

type State = 'start' | 'stop';

/** Who types in a room right now. Nobody has to get it: it is not numbered, not kept, and not sent again. */
export class Typists {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #toldAtMs = new Map<string, number>();

  /** @param tell tell the others here */
  constructor(
    private readonly room: RoomInside,
    private readonly tell: (memberId: string, state: State) => void,
  ) {}

  /** A member here begins or ends to type. */
  say(memberId: string, state: State): void {
    const isNews = state === 'start' ? this.#start(memberId) : this.stop(memberId);
    if (isNews || (state === 'start' && this.#isDue(memberId))) this.#tellElsewhere(memberId, state);
  }

  /** Another instance says so of a member of its own. */
  hinted(hint: string): void {
    const [what, instanceId, memberId = '', state] = hint.split(' ');
    const { room } = this;
    if (what !== 'typing' || instanceId === room.instanceId || !room.remotes().has(memberId)) return;
    if (state === 'start') this.#start(memberId);
    else this.stop(memberId);
  }

  /** A member types no more: it says so, has said it, is away or gone. @returns whether that is news */
  stop(memberId: string): boolean {
    clearTimeout(this.#timers.get(memberId));
    this.#toldAtMs.delete(memberId);
    const isNews = this.#timers.delete(memberId);
    if (isNews) this.tell(memberId, 'stop');
    return isNews;
  }

  /** Nobody is here to be told any more. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #start(memberId: string): boolean {
    const isNews = !this.#timers.has(memberId);
    clearTimeout(this.#timers.get(memberId));
    const timer = setTimeout(() => this.stop(memberId), TYPING_MS).unref();
    this.#timers.set(memberId, timer);
    if (isNews) this.tell(memberId, 'start');
    return isNews;
  }

  #isDue(memberId: string): boolean {
    return performance.now() - (this.#toldAtMs.get(memberId) ?? -Infinity) >= REPEAT_MS;
  }

  #tellElsewhere(memberId: string, state: State): void {
    const { room } = this;
    if (![...room.remotes()].some(isV1)) return;
    if (state === 'start') this.#toldAtMs.set(memberId, performance.now());
    room.context.v1.hint(room.id, `typing ${room.instanceId} ${memberId} ${state}`).catch(() => {});
  }
}
