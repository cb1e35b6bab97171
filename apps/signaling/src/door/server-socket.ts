import { WebSocket } from 'ws';

/**
 * Tells (`goodbye`) as soon as its client says that it closes. ws itself tells only when the connection is gone, which
 * is too late for a page that reloads: it would find its own place taken.
 */
export class ServerSocket extends WebSocket {
  /** Also called by ws itself when the client's close frame arrives. */
  override close(code?: number, reason?: string | Buffer): void {
    this.emit('goodbye', code);
    super.close(code, reason);
  }
}
