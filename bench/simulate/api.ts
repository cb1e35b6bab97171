import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** An answer of the matchmaker, whatever its status. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const TIMEOUT_MS = 10_000;

/** Less than a server keeps an idle connection (5 s in Node): no request is lost to one that is just being closed. */
const KEEP_ALIVE = { keepAlive: true, timeout: 2_500 };

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Speaks to the matchmakers in turn, on kept-alive connections. */
export class Api {
  readonly #agents = { http: new HttpAgent(KEEP_ALIVE), https: new HttpsAgent(KEEP_ALIVE) };
  #asked = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly hostSecret: string,
  ) {}

  heartbeat(body: object): Promise<ApiAnswer> {
    return this.#post('/api/host/heartbeat', body, { Authorization: `Bearer ${this.hostSecret}` });
  }

  find(body: object): Promise<ApiAnswer> {
    return this.#post('/api/match/find', body, {});
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  /** @throws when there is no proper answer within 10 s */
  async #post(path: string, body: object, headers: Record<string, string>): Promise<ApiAnswer> {
    const url = new URL(path, this.urls[this.#asked++ % this.urls.length]);
    const text = JSON.stringify(body);
    const isHttps = url.protocol === 'https:';
    const options = {
      method: 'POST',
      agent: isHttps ? this.#agents.https : this.#agents.http,
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    return new Promise((resolve, reject) => {
      const request = (isHttps ? httpsRequest : httpRequest)(url, options, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (answer += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const parsed = jsonObject(answer);
          if (parsed) resolve({ status: response.statusCode ?? 0, body: parsed });
          else reject(new Error(`answered ${response.statusCode} without JSON`));
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }
}
