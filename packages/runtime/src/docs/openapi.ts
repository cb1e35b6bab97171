import { problemKinds, type ProblemCode } from '@parley/protocol';
import { z } from 'zod';
import type { Route, RouteDocs } from '../http/route.js';

/** What may go wrong with any request that has a body, and with any at all. */
const BODY_PROBLEMS = ['validation_failed', 'malformed_body', 'body_too_large', 'unsupported_media'] as const;
const COMMON_PROBLEMS = ['rate_limited', 'redis_unavailable', 'internal'] as const;

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457, with the fields of older answers beside it',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', description: 'urn:parley:problem:CODE' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what was wrong with this very request' },
    code: { type: 'string', enum: Object.keys(problemKinds) },
    requestId: { type: 'string', description: "names the request in the service's log" },
    success: { const: false },
    error: { type: 'string' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' }, code: { type: 'string' } },
      },
    },
  },
};

/** A schema as OpenAPI 3.1 writes it; what JSON Schema cannot say is left open. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

/** Problems by status: several may share one. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const status of new Set(codes.map((code) => problemKinds[code].status))) {
    const kinds = codes.filter((code) => problemKinds[code].status === status);
    responses[status] = {
      description: kinds.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join('; '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return responses;
}

function success({ status = 200, answer, summary }: RouteDocs): Record<string, object> {
  const content = answer && { content: { 'application/json': { schema: jsonSchema(answer, 'output') } } };
  return { [status]: { description: summary, ...content } };
}

function operation({ path, body, docs = { summary: '' } }: Route): object {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const problems = [...(docs.problems ?? []), ...(body ? BODY_PROBLEMS : []), ...COMMON_PROBLEMS];
  return {
    summary: docs.summary,
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    }),
    ...(body && { requestBody: { content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }),
    ...(docs.bearer && { security: [{ [docs.bearer]: [] }] }),
    responses: { ...success(docs), ...problemResponses(problems) },
  };
}

function securitySchemes(routes: readonly Route[]): Record<string, object> {
  const bearers = new Set(routes.flatMap(({ docs }) => docs?.bearer ?? []));
  return Object.fromEntries([...bearers].map((name) => [name, { type: 'http', scheme: 'bearer' }]));
}

/** Describe routes as OpenAPI 3.1: what they take and answer comes from their schemas. */
export function openApi(title: string, routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const each of routes) {
    const path = each.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[each.method.toLowerCase()] = operation(each);
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1', description: 'Every error is a problem (RFC 9457); its `code` is stable.' },
    paths,
    components: { schemas: { Problem: PROBLEM_SCHEMA }, securitySchemes: securitySchemes(routes) },
  };
}
