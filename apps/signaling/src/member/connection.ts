import type { Duplex } from 'node:stream';
import type { RawData } from 'ws';
import { closes, parseClientMessage, serverMessages, type Close } from '@parley/protocol';
import type { ServerSocket, SocketOwner } from '../door/server-socket.js';
import { LIMIT_WINDOW_MS, type Limits } from '../limits/limits.js';
import type { TokenBucket } from '../limits/token-bucket.js';
import type { SignalingMetrics } from '../metrics.js';
import type { Room } from '../room/room.js';
import { Inbox, type Frame } from './inbox.js';
import { Member, type MemberSocket } from './member.js';
import type { Outflow } from './outflow.js';

const SCHEMA_ERROR = JSON.stringify(serverMessages.schemaError);
const RATE_LIMITED = JSON.stringify(serverMessages.rateLimited);

/** Longest delay of a timer in Node; nobody stays connected for that long. */
const TIMER_MAX_MS = 2 ** 31 - 1;

const AS_TEXT = { binary: false };

/** What all connections of an instance share. */
export interface ConnectionContext {
  readonly metrics: SignalingMetrics;
  readonly limits: Limits;
  readonly outflow: Outflow;
  /** Most bytes that wait for the join to be done. */
  readonly inboxMaxBytes: number;
  /** A member with more than this waiting to be sent is closed. */
  readonly maxBufferedBytes: number;
  /** When a member of `parley.v1` is to come back after a drain, ms. */
  readonly retryAfterMs: () => number;
  /** A message could not be handled for a reason that is ours. */
  readonly onDefect: (error: unknown) => void;
  /** The connection is over, for whatever reason; told once. */
  readonly onEnd: (connection: Connection) => void;
}

/** Who a connection is. */
export interface Identity {
  readonly memberId: string;
  /** What limits count it by. */
  readonly ip: string;
  readonly isBrowser: boolean;
}

/** One WebSocket: its messages in order, before, during and after its join. */
export class Connection implements MemberSocket, SocketOwner {
  readonly member: Member;
  /** Set when the peer answered the last ping. */
  isAlive = true;
  /** What the client said when it closed, 1005 if nothing; 1006 while it has not. */
  #goodbyeCode = 1006;
  readonly #ip: string;
  #bucket: TokenBucket | undefined;
  #room: Room | undefined;
  #inbox: Inbox | undefined;
  /** A limit is being asked about the oldest frame. */
  #isDeciding = false;
  #isOver = false;
  #expiry: NodeJS.Timeout | undefined;
  #toldLimitedAtMs = -LIMIT_WINDOW_MS;
  #wasLimitedEarly = false;

  /** It hears from here on: nothing may be awaited between the upgrade and this (S1). */
  constructor(
    protected readonly socket: ServerSocket,
    private readonly stream: Duplex,
    identity: Identity,
    protected readonly context: ConnectionContext,
  ) {
    this.member = this.createMember(identity);
    this.#ip = identity.ip;
    socket.owner = this;
  }

  protected createMember({ memberId, isBrowser }: Identity): Member {
    return new Member(memberId, isBrowser, this);
  }

  /** Whether it makes sense to go on with its join. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How it ended (RFC 6455 §7.4.1), once it did; 1006 where nobody said why. */
  get endCode(): number {
    return this.#goodbyeCode;
  }

  /** The join is done: what came early goes first, then everything directly. */
  joined(room: Room): void {
    this.#room = room;
    try {
      if (this.#wasLimitedEarly) this.#tellLimited();
      this.#takeTurns();
    } catch (error) {
      this.fail(error);
    }
  }

  send(message: string | Buffer): void {
    if (this.#isOver) return;
    if (this.socket.bufferedAmount > this.context.maxBufferedBytes) {
      this.context.metrics.backpressureCloses.inc();
      this.close(closes.overloaded);
      return;
    }
    this.context.outflow.cork(this.stream);
    this.socket.send(message, AS_TEXT);
  }

  close({ code, reason }: Close): void {
    if (this.#isOver) return this.dropWaiting();
    this.#goodbyeCode = code;
    this.context.metrics.closes.inc({ reason: reason || String(code) });
    this.#inbox = undefined;
    this.end();
    this.socket.resume();
    this.socket.close(code, reason);
  }

  /** End at a time, milliseconds since 1970: the token that let it in is good no longer. */
  endAt(atMs: number): void {
    if (this.#isOver) return;
    const inMs = Math.min(Math.max(0, atMs - Date.now()), TIMER_MAX_MS);
    this.#expiry = setTimeout(() => this.close(closes.unauthorized), inMs);
  }

  /** A protocol ping, or the end of a peer that did not answer the last one. */
  ping(): void {
    if (!this.isAlive) {
      this.socket.terminate();
      return;
    }
    this.isAlive = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  /** Something that nobody expected: it may cost this connection, and no other (E2). */
  fail(error: unknown): void {
    this.context.onDefect(error);
    this.close(closes.internalError);
    // One that was over already would stay a member.
    this.#inbox = undefined;
    this.#departInTurn();
  }

  /** A frame came. */
  message(data: RawData, isBinary: boolean): void {
    try {
      this.receive(data, isBinary);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What it throws costs this connection only. */
  protected receive(data: RawData, isBinary: boolean): void {
    if (this.#isOver) return;
    this.#bucket ??= this.context.limits.forMember();
    if (!this.#bucket.take()) {
      this.#dropLimited();
      return;
    }
    const frame = isBinary ? undefined : (data as Buffer);
    if (this.#room && !this.#isDeciding) this.#decide(frame, this.#room);
    else this.#wait(frame);
  }

  #wait(frame: Frame): void {
    this.#inbox ??= new Inbox(this.context.inboxMaxBytes);
    this.#inbox.add(frame);
    const { excess } = this.#inbox;
    if (excess === 'none') return;
    if (this.#room) this.socket.pause();
    else this.close(excess === 'bytes' ? closes.tooLarge : closes.overloaded);
  }

  #takeTurns(): void {
    while (this.#inbox && this.#room && !this.#isDeciding) {
      this.#decide(this.#inbox.take(), this.#room);
      if (this.#inbox?.isEmpty) this.#inbox = undefined;
    }
    if (this.socket.isPaused && !this.#inbox) this.socket.resume();
    if (this.#isOver) this.#departInTurn();
  }

  /** It is over: it leaves after its last messages, and whoever wants its place waits for that. */
  #departInTurn(): void {
    if (!this.#room) return;
    if (this.#inbox || this.#isDeciding) this.#room.leaving(this.member);
    else this.depart(this.#room, this.#goodbyeCode);
  }

  /** What comes waits in order until something is done that belongs before it. */
  protected holdUntil(done: Promise<void>): void {
    this.#isDeciding = true;
    done
      .then(() => {
        this.#isDeciding = false;
        this.#takeTurns();
      })
      .catch((error: unknown) => {
        this.#isDeciding = false;
        this.fail(error);
      });
  }

  /** What it said last and waits for its turn is not taken any more. */
  protected dropWaiting(): void {
    this.#inbox = undefined;
  }

  /** It is out of its room. @param _code how its connection ended (RFC 6455 §7.4.1) */
  protected depart(room: Room, _code: number): void {
    room.leave(this.member);
  }

  #decide(frame: Frame, room: Room): void {
    const waiting = 1 + (this.#inbox?.length ?? 0);
    const allowed = this.context.limits.allowMessage(this.#ip, room.id, waiting);
    if (typeof allowed === 'boolean') {
      this.#handle(frame, room, allowed);
      return;
    }
    this.#isDeciding = true;
    allowed
      .then((verdict) => {
        this.#isDeciding = false;
        this.#handle(frame, room, verdict);
        this.#takeTurns();
      })
      .catch((error: unknown) => {
        // Whoever is not let go of here would stay a member after its close.
        this.#isDeciding = false;
        this.fail(error);
      });
  }

  #handle(frame: Frame, room: Room, allowed: boolean): void {
    if (!allowed) {
      this.#dropLimited();
      return;
    }
    this.take(frame, room);
  }

  /** Tell when a message of its member is relayed for the first time. Others cost nothing more by it. */
  whenFirstRelayed(tell: () => void): void {
    const take = this.take.bind(this);
    this.take = (frame, room) => {
      const { sent } = this.member;
      take(frame, room);
      if (this.member.sent === sent) return;
      this.take = take;
      tell();
    };
  }

  /** A message that no limit stops. */
  protected take(frame: Frame, room: Room): void {
    const parsed = frame === undefined ? undefined : parseClientMessage(frame.toString('utf8'));
    if (frame === undefined || !parsed?.ok) {
      this.context.metrics.schemaRejects.inc();
      this.send(SCHEMA_ERROR);
      return;
    }
    const { type, text, isAsItCame } = parsed;
    room.relay(this.member, text, isAsItCame ? frame : text);
    if (type === 'offer') room.showEvidence(this.member, 'offered');
    if (type === 'answer') room.showEvidence(this.member, 'answered');
  }

  #dropLimited(): void {
    this.context.metrics.rateLimitDrops.inc();
    if (this.#room) this.#tellLimited();
    // Who may still be refused gets nothing but its close (contract §1): it is told once it is in.
    else this.#wasLimitedEarly = true;
  }

  #tellLimited(): void {
    const now = performance.now();
    if (now - this.#toldLimitedAtMs < LIMIT_WINDOW_MS) return;
    this.#toldLimitedAtMs = now;
    this.tellLimited();
  }

  protected tellLimited(): void {
    this.send(RATE_LIMITED);
  }

  /** The client says that it closes, or the connection has ended. */
  goodbye(code: number): void {
    if (!this.#isOver) this.#goodbyeCode = code;
    this.end();
  }

  /** The client answered a ping. */
  pong(_payload: Buffer): void {
    this.isAlive = true;
  }

  /**
   * The connection is gone, or about to. The member leaves at once, however long the closing handshake takes; unless
   * its last messages wait for a limit.
   */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#expiry);
    this.#departInTurn();
    this.context.onEnd(this);
  }
}
