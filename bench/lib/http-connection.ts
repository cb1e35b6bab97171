import { connect, type Socket } from 'node:net';

/** One answer: its status, and its body as text. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** A whole request as bytes, made once and sent many times. */
export function postRequest(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const text = JSON.stringify(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * A kept-alive HTTP/1.1 connection with one request under way at a time, and as little work a request as possible, so
 * that the load generator is not what is measured. It reads ASCII answers with a `Content-Length` and nothing else.
 */
export class HttpConnection {
  #socket: Socket | undefined;
  #received = '';
  #settle: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | undefined;

  constructor(private readonly port: number) {}

  /** Connect to loopback. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true }, resolve);
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => this.#onData(text));
      socket.on('error', reject);
      socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')));
      this.#socket = socket;
    });
  }

  /** Send a request made by `postRequest`, and wait for its answer. */
  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== 'open') return reject(new Error('the connection is closed'));
      this.#settle = { resolve, reject };
      this.#socket?.write(request);
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket?.destroy();
  }

  #onData(text: string): void {
    this.#received = this.#received === '' ? text : this.#received + text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = LENGTH.exec(head)?.[1];
    const settle = this.#settle;
    if (length === undefined) {
      settle?.reject(new Error(`an answer without Content-Length: ${head}`));
      return;
    }
    const end = headEnd + HEAD_END.length + Number(length);
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + HEAD_END.length, end);
    this.#received = this.#received.slice(end);
    this.#settle = undefined;
    settle?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}
