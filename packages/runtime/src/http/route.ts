import type { IncomingHttpHeaders } from 'node:http';
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
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One endpoint. `handle` gets the raw body: `route` wraps what checks it. */
export interface Route {
  readonly method: Method;
  /** As in express: `/api/rooms/:roomId`. */
  readonly path: string;
  readonly body?: z.ZodType;
  readonly handle: (request: RouteRequest) => Promise<Reply> | Reply;
}

interface RouteDefinition<Body extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly body: Body;
  /** Refuses before the body is looked at: an answer, or undefined to go on. */
  readonly guard?: (request: RouteRequest) => Reply | undefined;
  readonly handle: (request: RouteRequest<z.output<Body>>) => Promise<Reply> | Reply;
}

/** Contract §2: `{success:false, error:'Validation failed', issues:[{path,message,code}]}`. */
function invalid(error: z.ZodError): Reply {
  const issues = error.issues.map(({ path, message, code }) => ({ path: path.join('.'), message, code }));
  const detail = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return problemReply('validation_failed', detail, {
    older: { success: false, error: 'Validation failed', issues },
  });
}

/** Define an endpoint whose body is checked against a schema before `handle` sees it. */
export function route<Body extends z.ZodType>({ guard, handle, ...rest }: RouteDefinition<Body>): Route {
  return {
    ...rest,
    handle(request) {
      const refused = guard?.(request);
      if (refused) return refused;
      const parsed = rest.body.safeParse(request.body ?? {});
      return parsed.success ? handle({ ...request, body: parsed.data }) : invalid(parsed.error);
    },
  };
}
