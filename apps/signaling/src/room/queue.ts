import { RedisUnavailableError, type RelayedMessage } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';

/** What a room has to tell Redis. */
export type Operation =
  | {
      readonly kind: 'join';
      readonly member: Member;
      readonly resolve: (outcome: JoinAttempt) => void;
      readonly reject: (error: unknown) => void;
    }
  | { readonly kind: 'leave'; readonly memberId: string }
  | { readonly kind: 'messages'; readonly messages: RelayedMessage[]; bytes: number }
  | { readonly kind: 'evidence'; readonly member: Member }
  | { readonly kind: 'confirm' }
  /** Something in its turn, for the dialect `parley.v1`. */
  | { readonly kind: 'task'; readonly run: () => Promise<void>; readonly isDue?: true };

/**
 * `perhaps` is told of a room that is full of members that may be gone; `leaving`: a place will be free once Redis was
 * told of a member of this instance that left; `elsewhere`: who resumes is still held by another connection.
 */
export type JoinAttempt = JoinOutcome | 'perhaps' | 'leaving' | 'elsewhere';

export type JoinOutcome = 'joined' | 'full';

/** Whether an operation must not be left out whatever it fails with: a ghost would stay, or entries be held back. */
function isDue(operation: Operation): boolean {
  if (operation.kind === 'task') return operation.isDue === true;
  return operation.kind === 'leave' || operation.kind === 'confirm';
}

/** Whose operations they are. One object instead of a closure each: there are as many queues as rooms. */
export interface QueueOwner {
  execute(operation: Operation): Promise<void>;
  /** Everything is done. */
  onIdle(): void;
  /** An operation could not be done, which has to be; `resume` tries again. @param isOutage what waiting will end */
  onStalled(isOutage: boolean): void;
  /** An operation failed for a reason that is no outage; told once of each. */
  onDefect(error: unknown, operation: Operation): void;
}

/**
 * One room's operations on Redis, one after the other. This order is what keeps a sender's messages in order whether
 * they are held, published or overtaken by a join; what waits goes out together.
 */
export class OperationQueue {
  #operations: Operation[] = [];
  #running = false;
  #stalled = false;
  #reported: Operation | undefined;
  #joins = 0;
  #bytes = 0;
  /** Members whose leave is to come; and who waits for one of them to be out. */
  #leaving: Set<Member> | undefined;
  #onOut: (() => void)[] = [];

  constructor(private readonly owner: QueueOwner) {}

  get isIdle(): boolean {
    return this.#operations.length === 0;
  }

  /** Whether a member of this instance is about to join. */
  get hasJoin(): boolean {
    return this.#joins > 0;
  }

  /** Bytes of the messages that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that wait behind what runs now, in order. */
  *waitingMessages(): Iterable<RelayedMessage> {
    for (const operation of this.#operations.slice(this.#running ? 1 : 0)) {
      if (operation.kind === 'messages') yield* operation.messages;
    }
  }

  /** Whether rooms' knowledge is to be confirmed already, and that has not begun. */
  get hasConfirm(): boolean {
    return this.#operations.slice(this.#running ? 1 : 0).some(({ kind }) => kind === 'confirm');
  }

  /** Whether Redis has to be told yet that a member left. */
  get hasLeave(): boolean {
    return this.#leaving !== undefined || this.#operations.some(({ kind }) => kind === 'leave');
  }

  /** A member is over; its leave follows what it said last. */
  expectLeave(member: Member): void {
    this.#leaving ??= new Set();
    this.#leaving.add(member);
  }

  /** A member is out, whether that was expected or not. */
  out(member: Member): void {
    if (!this.#leaving?.delete(member)) return;
    if (this.#leaving.size === 0) this.#leaving = undefined;
    for (const resolve of this.#onOut.splice(0)) resolve();
  }

  /** Resolves when one of those is out; undefined when none is expected to be. */
  untilOut(): Promise<void> | undefined {
    return this.#leaving && new Promise((resolve) => this.#onOut.push(resolve));
  }

  /** Add an operation; `start` makes it run. */
  push(operation: Operation): void {
    if (operation.kind === 'join') this.#joins += 1;
    this.#operations.push(operation);
  }

  /** Add a message, to the batch at the end if there is one. */
  pushMessage(message: RelayedMessage): void {
    const last = this.#operations.at(-1);
    const isRunning = this.#running && this.#operations.length === 1;
    this.#bytes += message.text.length;
    if (last?.kind === 'messages' && !isRunning) {
      last.messages.push(message);
      last.bytes += message.text.length;
    } else {
      this.push({ kind: 'messages', messages: [message], bytes: message.text.length });
    }
  }

  /** Run what waits, unless something runs already or Redis is away. */
  start(): void {
    if (!this.#running && !this.#stalled) void this.#run();
  }

  /** Redis may answer again. */
  resume(): void {
    this.#stalled = false;
    this.start();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let operation = this.#operations[0]; operation; operation = this.#operations[0]) {
      try {
        await this.owner.execute(operation);
      } catch (error) {
        const isOutage = error instanceof RedisUnavailableError;
        if (!isOutage) this.#report(error, operation);
        if (isOutage || isDue(operation)) this.#refuseJoins(error);
        if (isDue(operation) || (isOutage && operation.kind !== 'join')) {
          this.#running = false;
          this.#stalled = true;
          this.owner.onStalled(isOutage);
          return;
        }
        if (operation.kind === 'join') operation.reject(error);
      }
      this.#done(operation);
    }
    this.#running = false;
    // A new one holds no memory; this one has grown.
    this.#operations = [];
    this.#reported = undefined;
    this.owner.onIdle();
  }

  #report(error: unknown, operation: Operation): void {
    if (this.#reported === operation) return;
    this.#reported = operation;
    this.owner.onDefect(error, operation);
  }

  #done(operation: Operation): void {
    const at = this.#operations.indexOf(operation);
    if (at >= 0) this.#operations.splice(at, 1);
    if (operation.kind === 'join') this.#joins -= 1;
    if (operation.kind === 'messages') this.#bytes -= operation.bytes;
  }

  /** Joins are refused quickly while Redis is away, or what comes before them cannot be done (S6). */
  #refuseJoins(error: unknown): void {
    for (const operation of this.#operations.slice(1)) {
      if (operation.kind !== 'join') continue;
      this.#done(operation);
      operation.reject(error);
    }
  }
}
