import type { ServerMessage } from '@parley/protocol';
import { Member, type MemberSocket } from '../member/member.js';
import { hashSecret, newMemberId, newSecret } from './resume-token.js';

/** What a client shows to resume, and what it has seen of whom. */
export interface Return {
  readonly memberId: string;
  readonly tokenHash: string;
  readonly seen: Readonly<Record<string, number>>;
}

/** The last message that was rendered: all members that speak `parley.v1` get the same. */
let rendered: { from: string; n: number; message: string | Buffer; text: string } | undefined;

/** A relayed message with its sender and number. Real hosts read the first `type`, so these come last. */
function render(from: string, n: number, message: string | Buffer): string {
  if (rendered?.message === message && rendered.n === n && rendered.from === from) return rendered.text;
  const plain = typeof message === 'string' ? message : message.toString('utf8');
  const text = `${plain.slice(0, plain.lastIndexOf('}'))},"from":"${from}","seq":${n}}`;
  rendered = { from, n, message, text };
  return text;
}

/** One connection in a room that speaks `parley.v1`. */
export class V1Member extends Member {
  /** From its token, where authentication is on. */
  userId: string | undefined;
  /** Set until it has resumed, or joined anew. */
  returning: Return | undefined;
  /** Numbers that the server gives to its messages are greater: it may have sent more than is known. */
  floor = 0;
  /** The instance that Redis says has it, while it is asked to let go of it. */
  holder: string | undefined;
  /** Take it over although nobody let go of it. */
  isForced = false;
  readonly #secret = newSecret();
  readonly tokenHash = hashSecret(this.#secret);

  constructor(isBrowser: boolean, socket: MemberSocket) {
    super(newMemberId(), isBrowser, socket);
  }

  /** For its welcome; stands for it at its next resume. */
  get resumeToken(): string {
    return `${this.id}.${this.#secret}`;
  }

  override deliver(from: string, n: number, message: string | Buffer): void {
    if (this.take(from, n)) this.socket.send(render(from, n, message));
  }

  /** Hand over a message whose text names its sender itself. */
  deliverFinished(from: string, n: number, text: string): void {
    if (this.take(from, n)) this.socket.send(text);
  }

  override tellGone(memberId: string): void {
    this.tell({ type: 'peer-disconnected', memberId });
  }

  /** Something that the server itself says. */
  tell(message: ServerMessage): void {
    this.socket.send(JSON.stringify(message));
  }
}
