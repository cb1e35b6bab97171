import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** Echo a usable `X-Request-Id`, or make one, and put it where answers and logs find it. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  response.locals['requestId'] = id;
  response.setHeader('X-Request-Id', id);
  next();
};

/** CORS for every answer, errors and preflight included (contract §2): the API is for pages of any origin. */
export const cors: RequestHandler = (request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE, OPTIONS');
  response.setHeader(
    'Access-Control-Allow-Headers',
    'Content-Type, Authorization, X-Request-Id, Idempotency-Key',
  );
  response.setHeader('Access-Control-Expose-Headers', 'X-Request-Id, Retry-After');
  if (request.method === 'OPTIONS') response.status(204).end();
  else next();
};
