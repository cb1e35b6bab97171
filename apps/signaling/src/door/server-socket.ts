import { WebSocket, type RawData } from 'ws';

/** Who is told what happens to a socket. */
export interface SocketOwner {
  /** @param isBinary whether the frame was binary (RFC 6455 §5.6) */
  message(data: RawData, isBinary: boolean): void;
  pong(payload: Buffer): void;
  /** Its client says that it closes. @param code 1005 where it gives none (RFC 6455 §7.1.5) */
  goodbye(code: number): void;
  /** The connection is gone. */
  end(): void;
}

const NO_CODE = 1005;

/**
 * A socket that tells one owner what happens, without listeners: those of ten thousand idle connections take some 200 bytes
 * each. And it tells as soon as its client says that it closes. ws itself tells only when the connection is gone, which
 * is too late for a page that reloads: it would find its own place taken.
 */
export class ServerSocket extends WebSocket {
  owner: SocketOwner | undefined;
  onGone: ((socket: ServerSocket) => void) | undefined;

  /** Also called by ws itself when the client's close frame arrives. */
  override close(code?: number, reason?: string | Buffer): void {
    this.owner?.goodbye(code ?? NO_CODE);
    super.close(code, reason);
  }

  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    switch (event) {
      case 'message':
        this.owner?.message(first as RawData, second as boolean);
        return true;
      case 'pong':
        this.owner?.pong(first as Buffer);
        return true;
      case 'error':
        // A broken frame or a reset: ws closes the connection with the right code, and `close` follows.
        return true;
      case 'close':
        this.owner?.end();
        this.onGone?.(this);
    }
    return super.emit(event, first, second);
  }
}
