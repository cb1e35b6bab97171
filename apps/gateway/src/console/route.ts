import { readFileSync } from 'node:fs';
import { reply, type Route } from '@parley/runtime';
import { sharedStyle } from '../pages/shared-style.js';

const PAGE = new URL('../../assets/console.html', import.meta.url);

/** The page runs only what it brings along, asks only this service, and is shown in no other page. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** `GET /console`: a page that shows the overview live. It holds no secrets: what it shows takes the admin's token. */
export function consoleRoute(): Route {
  const page = readFileSync(PAGE, 'utf8').replace('/* pages.css */', () => sharedStyle);
  return {
    method: 'GET',
    path: '/console',
    docs: { summary: 'A page that shows the overview live' },
    handle: () => reply(200, page, HEADERS),
  };
}
