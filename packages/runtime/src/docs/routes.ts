import { readFileSync } from 'node:fs';
import { reply } from '../http/reply.js';
import type { Route } from '../http/route.js';
import { openApi } from './openapi.js';

const PAGE = new URL('../../assets/docs.html', import.meta.url);

/** The page runs only what it brings along, and asks only this service. */
const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'",
};

/** `GET /openapi.json`, which describes the given routes, and `GET /docs`, a page to read it. */
export function docsRoutes(title: string, routes: readonly Route[]): Route[] {
  const description = openApi(title, routes);
  const page = readFileSync(PAGE, 'utf8');
  return [
    { method: 'GET', path: '/openapi.json', handle: () => reply(200, description) },
    { method: 'GET', path: '/docs', handle: () => reply(200, page, PAGE_HEADERS) },
  ];
}
