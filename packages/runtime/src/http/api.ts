import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from '../observe/logger.js';
import type { Probes } from '../observe/probes.js';
import type { Tracing } from '../trace/tracing.js';
import { readBody } from './body.js';
import { createClientIp, type ClientIp } from './client-ip.js';
import { errorReply } from './errors.js';
import { CORS_HEADERS, requestIdOf } from './headers.js';
import { problemReply, reply, type Reply } from './reply.js';
import type { Route, RouteRequest } from './route.js';
import { Router, type Match } from './router.js';
import { traced } from './traced.js';
import { send, sendAndClose, whenUnsent } from './send.js';
import { parseTarget } from './target.js';

/** What an HTTP API is made from. */
export interface HttpApiOptions {
  readonly routes: readonly Route[];
  readonly probes: Probes;
  readonly logger: Logger;
  /** The client's address; by default the other end of the connection, whatever headers say. */
  readonly clientIp?: ClientIp;
  /** Only while traces are on. */
  readonly tracing?: Tracing | undefined;
}

const PREFLIGHT = reply(204);
const peerAddress = createClientIp({ TRUST_PROXY: '0' });

/** The answer where there is no route to ask. */
function refusal(match: Exclude<Match, { found: 'route' }>, method: string, path: string): Reply {
  const older = (error: string) => ({ success: false, error });
  if (match.found === 'undecodable') {
    const detail = 'The path has a % that encodes nothing.';
    return problemReply('malformed_request', detail, { older: older('Malformed request') });
  }
  if (match.found === 'nothing') {
    const detail = `No such route: ${method} ${path}`;
    return problemReply('route_not_found', detail, { older: older(detail) });
  }
  const allowed = match.allowed.join(', ');
  const detail = `${method} is not allowed here; allowed: ${allowed}`;
  return problemReply('method_not_allowed', detail, { older: older(detail), headers: { Allow: allowed } });
}

/** An HTTP API that serves routes the way all our services do: ids, CORS, JSON, problems. */
export function createHttpApi(options: HttpApiOptions): RequestListener {
  const { routes, probes, logger, clientIp = peerAddress, tracing } = options;
  const router = new Router(routes);

  async function ask(route: Route, request: RouteRequest): Promise<Reply> {
    try {
      return await route.handle(request);
    } catch (error) {
      const { answer, isDefect } = errorReply(error);
      if (isDefect) logger.error({ err: error, requestId: request.requestId }, 'request failed');
      return answer;
    }
  }

  const askAll = tracing ? traced(tracing, ask) : ask;

  function takeBack({ ifUnsent }: Reply, requestId: string): void {
    ifUnsent?.().catch((error: unknown) => logger.warn({ err: error, requestId }, 'taking back failed'));
  }

  /** One line a request, for those who look closely. Never what was asked with: that may hold secrets. */
  function noteWhenSent(response: ServerResponse, match: Match, method: string, requestId: string): void {
    if (!logger.isLevelEnabled('debug')) return;
    const startedAt = performance.now();
    const route = match.found === 'route' ? match.route.path : undefined;
    response.once('close', () => {
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      const status = response.writableFinished ? response.statusCode : 'unsent';
      logger.debug({ requestId, method, route, status, ms }, 'request');
    });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const requestId = requestIdOf(request);
    const { path, search } = parseTarget(request.url ?? '');
    const match = router.match(method, path);
    if (match.found === 'nothing' && isProbe(request, response, requestId)) return;
    noteWhenSent(response, match, method, requestId);
    const read = await readBody(request);
    if (read.outcome === 'aborted') return;
    if (read.outcome === 'too-large') return sendAndClose(request, response, read.answer, requestId);
    if (method === 'OPTIONS') return send(response, PREFLIGHT, requestId);
    if (match.found !== 'route') return send(response, refusal(match, method, path), requestId);
    if (read.outcome === 'refused') return send(response, read.answer, requestId);
    const { route, params } = match;
    const asked = { body: read.body, params, query: search, headers: request.headers, requestId };
    const answer = await askAll(route, { ...asked, ip: clientIp(request) });
    if (answer.ifUnsent) whenUnsent(response, () => takeBack(answer, requestId));
    send(response, answer, requestId);
  }

  function isProbe(request: IncomingMessage, response: ServerResponse, requestId: string): boolean {
    const head = [...CORS_HEADERS, 'X-Request-Id', requestId];
    for (let at = 0; at < head.length; at += 2) response.setHeader(head[at] ?? '', head[at + 1] ?? '');
    if (probes(request, response)) return true;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    return false;
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // An answer that cannot be sent, such as one that is not JSON after all.
      logger.error({ err: error }, 'answering failed');
      if (response.headersSent) response.destroy();
      else send(response, errorReply(error).answer, requestIdOf(request));
    });
  };
}
