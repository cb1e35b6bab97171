import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Logger } from '../observe/logger.js';
import type { Probes } from '../observe/probes.js';
import { errorReply } from './errors.js';
import { cors, requestId } from './headers.js';
import { problemReply, type Reply } from './reply.js';
import type { Route, RouteRequest } from './route.js';

const BODY_LIMIT_BYTES = 65_536;

/** What an HTTP API is made from. */
export interface HttpApiOptions {
  readonly routes: readonly Route[];
  readonly probes: Probes;
  readonly logger: Logger;
}

const requestIdOf = (response: Response) => String(response.locals['requestId']);

function toRouteRequest(request: Request, response: Response): RouteRequest {
  return {
    body: request.body as unknown,
    params: request.params as Record<string, string>,
    query: new URL(request.originalUrl, 'http://localhost').searchParams,
    headers: request.headers,
    ip: request.ip ?? '',
    requestId: requestIdOf(response),
  };
}

function send(response: Response, { status, body, headers }: Reply): void {
  response.status(status);
  if (headers) response.set(headers);
  if (body === undefined) response.end();
  else if (typeof body === 'string') response.type('text/plain').send(body);
  else response.send(JSON.stringify(status < 400 ? body : { ...body, requestId: requestIdOf(response) }));
}

function mount(app: Express, { method, path, handle }: Route): void {
  const verb = method.toLowerCase() as Lowercase<Route['method']>;
  app[verb](path, async (request, response) => {
    const answer = await handle(toRouteRequest(request, response));
    if (typeof answer.body !== 'string')
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
    send(response, answer);
  });
}

/** A path that exists under another method deserves 405 with `Allow` (RFC 9110 §15.5.6), not 404. */
function mountMethodNotAllowed(app: Express, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((each) => each.path))) {
    const allowed = routes.filter((each) => each.path === path).map((each) => each.method);
    app.all(path, (request, response) => {
      const detail = `${request.method} is not allowed here; allowed: ${allowed.join(', ')}`;
      const headers = { Allow: allowed.join(', ') };
      send(
        response,
        problemReply('method_not_allowed', detail, { older: { success: false, error: detail }, headers }),
      );
    });
  }
}

function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const { answer, isDefect } = errorReply(error);
    if (isDefect) logger.error({ err: error, requestId: requestIdOf(response) }, 'request failed');
    if (response.headersSent) next(error);
    else send(response, answer);
  };
}

/** An express application that serves routes the way all our HTTP services do: ids, CORS, JSON, problems. */
export function createHttpApi({ routes, probes, logger }: HttpApiOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(requestId, cors);
  app.use((request, response, next) => {
    if (!probes(request, response)) next();
  });
  // Any content type is read as JSON: real hosts send the header twice, and `curl -d` sends a form's.
  app.use(express.json({ limit: BODY_LIMIT_BYTES, type: () => true }));
  for (const each of routes) mount(app, each);
  mountMethodNotAllowed(app, routes);
  app.use((request, response) => {
    const detail = `No such route: ${request.method} ${request.path}`;
    send(response, problemReply('route_not_found', detail, { older: { success: false, error: detail } }));
  });
  app.use(errorHandler(logger));
  return app;
}
