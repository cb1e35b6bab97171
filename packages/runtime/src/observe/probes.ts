import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health } from '../lifecycle/health.js';
import type { Metrics } from './metrics.js';

/** Answers a probe and says true, or leaves the request alone and says false. */
export type Probes = (request: IncomingMessage, response: ServerResponse) => boolean;

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body);
}

/** Serve `GET /healthz`, `/readyz` and `/metrics` (contract §1) on any node:http server. */
export function createProbes(health: Health, metrics: Pick<Metrics, 'text'>): Probes {
  const answers: Record<string, (response: ServerResponse) => Promise<void> | void> = {
    '/healthz': (response) => send(response, 200, 'ok'),
    '/readyz': async (response) => {
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
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    void answer?.(response);
    return answer !== undefined;
  };
}
