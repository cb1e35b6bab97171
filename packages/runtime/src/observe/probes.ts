import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health } from '../lifecycle/health.js';
import type { Metrics } from './metrics.js';
import { createDetails, type RedisLook } from './details.js';

/** Answers a probe and says true, or leaves the request alone and says false. */
export type Probes = (request: IncomingMessage, response: ServerResponse) => boolean;

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body);
}

/**
 * Serve `GET /healthz`, `/readyz` and `/metrics` (contract §1) on any node:http server.
 * @param redis whom `/readyz?verbose` asks about Redis
 */
export function createProbes(health: Health, metrics: Pick<Metrics, 'text'>, redis: RedisLook): Probes {
  const details = createDetails(health, redis);
  const answers: Record<string, (response: ServerResponse, query: string) => Promise<void> | void> = {
    '/healthz': (response) => send(response, 200, 'ok'),
    '/readyz': async (response, query) => {
      if (new URLSearchParams(query).has('verbose')) {
        const said = await details();
        send(response, said.ready ? 200 : 503, JSON.stringify(said), 'application/json');
        return;
      }
      const ready = await health.isReady();
      send(response, ready ? 200 : 503, ready ? 'ready' : 'not-ready');
    },
    '/metrics': async (response) => {
      const { contentType, body } = await metrics.text();
      send(response, 200, body, contentType);
    },
  };
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    void answer?.(response, query);
    return answer !== undefined;
  };
}
