import type { IncomingHttpHeaders } from 'node:http';
import type { ProblemCode } from '@parley/protocol';
import type { z } from 'zod';
import { problemReply, type Reply } from './reply.js';

/** What a route gets of a request. */
export interface RouteRequest<Body = unknown> {
  readonly body: Body;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The client's address, as `TRUST_PROXY` lets us believe it. */
  readonly ip: string;
  readonly requestId: string;
  /** `sub` of the user's token, where a route asked for one. */
  readonly user?: string;
  /** What continues the trace of this request; only while traces are on. */
  readonly traceparent?: string;
}

/** What `/openapi.json` says of a route, besides what its schemas say. */
export interface RouteDocs {
  /** One line. */
  readonly summary: string;
  /** Status of the answer when all goes well. Default 200. */
  readonly status?: number;
  /** Body of that answer. */
  readonly answer?: z.ZodType;
  /** What may go wrong, besides what may go wrong everywhere. */
  readonly problems?: readonly ProblemCode[];
  /** Whose bearer token the route takes. */
  readonly bearer?: string;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One endpoint. `handle` gets the raw body: `route` wraps what checks it. */
export interface Route {
  readonly method: Method;
  /** As in express: `/api/rooms/:roomId`. */
  readonly path: string;
  readonly body?: z.ZodType;
  readonly docs?: RouteDocs;
  readonly handle: (request: RouteRequest) => Promise<Reply> | Reply;
}

interface RouteDefinition<Body extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly body: Body;
  readonly docs?: RouteDocs;
  /** Refuses before the body is looked at: an answer, or undefined to go on. */
  readonly guard?: (request: RouteRequest) => Promise<Reply | undefined> | Reply | undefined;
  readonly handle: (request: RouteRequest<z.output<Body>>) => Promise<Reply> | Reply;
}

/** Contract §2: `{success:false, error:'Validation failed', issues:[{path,message,code}]}`. */
export function invalidReply(error: z.ZodError): Reply {
  const issues = error.issues.map(({ path, message, code }) => ({ path: path.join('.'), message, code }));
  const detail = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return problemReply('validation_failed', detail, {
    older: { success: false, error: 'Validation failed', issues },
  });
}

/** Define an endpoint whose body is checked against a schema before `handle` sees it. */
export function route<Body extends z.ZodType>({ guard, handle, ...rest }: RouteDefinition<Body>): Route {
  const proceed = (request: RouteRequest) => {
    const parsed = rest.body.safeParse(request.body === undefined ? {} : request.body);
    return parsed.success ? handle({ ...request, body: parsed.data }) : invalidReply(parsed.error);
  };
  return {
    ...rest,
    handle(request) {
      const refused = guard?.(request);
      if (refused instanceof Promise) return refused.then((answer) => answer ?? proceed(request));
      return refused ?? proceed(request);
    },
  };
}
