import type { Tracing } from '../trace/tracing.js';
import type { Reply } from './reply.js';
import type { Route, RouteRequest } from './route.js';

type Ask = (route: Route, request: RouteRequest) => Promise<Reply>;

/** Ask routes as spans: each request continues what its client says in `traceparent`, and its route may pass it on. */
export function traced(tracing: Tracing, ask: Ask): Ask {
  return (route, request) => {
    const { method, path } = route;
    const attributes = {
      'http.request.method': method,
      'http.route': path,
      'parley.request_id': request.requestId,
    };
    const { traceparent } = request.headers;
    return tracing.inSpan(`${method} ${path}`, { kind: 'server', traceparent, attributes }, async (span) => {
      const answer = await ask(route, { ...request, traceparent: span.traceparent });
      span.set({ 'http.response.status_code': answer.status });
      if (answer.status >= 500) span.fail();
      return answer;
    });
  };
}
