import type { RawData, WebSocket } from 'ws';
import { closes, parseClientMessage, serverMessages, type Close } from '@parley/protocol';
import type { SignalingMetrics } from '../metrics.js';
import type { Room } from '../room/room.js';
import { EarlyMessages } from './early-messages.js';
import { Member, type MemberSocket } from './member.js';

const SCHEMA_ERROR = JSON.stringify(serverMessages.schemaError);

/** What all connections of an instance share. */
export interface ConnectionContext {
  readonly metrics: SignalingMetrics;
  readonly earlyMaxBytes: number;
  /** A member with more than this waiting to be sent is closed. */
  readonly maxBufferedBytes: number;
  /** The connection is over, for whatever reason; told once. */
  readonly onEnd: (connection: Connection) => void;
}

/** One WebSocket: its messages in order, before, during and after its join. */
export class Connection implements MemberSocket {
  readonly member: Member;
  /** Set when the peer answered the last ping. */
  isAlive = true;
  #room: Room | undefined;
  #early: EarlyMessages | undefined;
  #isOver = false;

  /** Handlers stand from here on: nothing may be awaited between the upgrade and this (S1). */
  constructor(
    private readonly socket: WebSocket,
    identity: { memberId: string; isBrowser: boolean },
    private readonly context: ConnectionContext,
  ) {
    this.member = new Member(identity.memberId, identity.isBrowser, this);
    this.#early = new EarlyMessages(context.earlyMaxBytes);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => (this.isAlive = true));
    socket.on('close', () => this.#end());
    // A broken frame or a reset: ws closes the connection with the right code, and `close` follows.
    socket.on('error', () => {});
  }

  /** The join is done: what came early goes first, then everything directly. */
  joined(room: Room): void {
    this.#room = room;
    const early = this.#early;
    this.#early = undefined;
    for (const text of early?.take() ?? []) this.#handle(text);
    if (this.#isOver) room.leave(this.member);
  }

  send(text: string): void {
    if (this.#isOver) return;
    if (this.socket.bufferedAmount > this.context.maxBufferedBytes) {
      this.context.metrics.backpressureCloses.inc();
      this.close(closes.overloaded);
      return;
    }
    this.socket.send(text);
  }

  close({ code, reason }: Close): void {
    if (this.#isOver) return;
    this.context.metrics.closes.inc({ reason: reason || String(code) });
    this.#end();
    this.socket.close(code, reason);
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

  /** End the connection without the closing handshake. */
  terminate(): void {
    this.socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isOver) return;
    const text = isBinary ? undefined : (data as Buffer).toString('utf8');
    if (!this.#early) {
      this.#handle(text);
      return;
    }
    const kept = this.#early.add(text);
    if (kept === 'too-large') this.close(closes.tooLarge);
    if (kept === 'too-many') this.close(closes.overloaded);
  }

  /** @param text undefined for a binary frame, which is never valid */
  #handle(text: string | undefined): void {
    const parsed = text === undefined ? undefined : parseClientMessage(text);
    if (!parsed?.ok) {
      this.context.metrics.schemaRejects.inc();
      this.send(SCHEMA_ERROR);
      return;
    }
    const { message } = parsed;
    this.#room?.relay(this.member, JSON.stringify(message));
    if (message.type === 'offer') this.#room?.showEvidence(this.member, 'offered');
    if (message.type === 'answer') this.#room?.showEvidence(this.member, 'answered');
  }

  /** The member leaves at once, however long the closing handshake takes. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#room?.leave(this.member);
    this.context.onEnd(this);
  }
}
