import { HttpConnection, type HttpAnswer } from './http-connection.js';

/** What a stretch of load gave. */
export interface LoadResult {
  readonly answers: number;
  /** From the first request to the last answer, milliseconds. */
  readonly elapsedMs: number;
  /** Of each answer, milliseconds. */
  readonly latenciesMs: readonly number[];
}

/** Kept-alive clients that each send their next request when the last one is answered. */
export class HttpLoad {
  private constructor(private readonly connections: readonly HttpConnection[]) {}

  /** Open the connections of `clients` clients to a port of loopback. */
  static async open(port: number, clients: number): Promise<HttpLoad> {
    const connections = Array.from({ length: clients }, () => new HttpConnection(port));
    await Promise.all(connections.map((each) => each.open()));
    return new HttpLoad(connections);
  }

  /**
   * Load for `windowMs`, and until the last request is answered.
   * @param next the next request of all clients together
   * @param isGood a wrong answer ends the load with an error: what fails fast would look fast
   */
  async run(
    windowMs: number,
    next: () => Buffer,
    isGood: (answer: HttpAnswer) => boolean = ({ status }) => status === 200,
  ): Promise<LoadResult> {
    const latenciesMs: number[] = [];
    const startedAt = performance.now();
    const until = startedAt + windowMs;
    await Promise.all(
      this.connections.map(async (connection) => {
        for (let sentAt = performance.now(); sentAt < until;) {
          const answer = await connection.send(next());
          if (!isGood(answer)) throw new Error(`unexpected answer: ${answer.status} ${answer.body}`);
          const answeredAt = performance.now();
          latenciesMs.push(answeredAt - sentAt);
          sentAt = answeredAt;
        }
      }),
    );
    return { answers: latenciesMs.length, elapsedMs: performance.now() - startedAt, latenciesMs };
  }

  /** Send each request once, spread over the clients, and wait for all answers. */
  async sendAll(requests: readonly Buffer[]): Promise<void> {
    let at = 0;
    await Promise.all(
      this.connections.map(async (connection) => {
        for (let request = requests[at++]; request; request = requests[at++]) {
          const answer = await connection.send(request);
          if (answer.status >= 400) throw new Error(`unexpected answer: ${answer.status} ${answer.body}`);
        }
      }),
    );
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }
}
