import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { matchmakerUrl, signalingUrl, type GatewayConfig } from '@parley/config';
import { problemReply, reply, type Reply, type Route } from '@parley/runtime';
import { sharedStyle } from '../pages/shared-style.js';

const FOLDER = fileURLToPath(new URL('../../assets/demo/', import.meta.url));
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** The page runs only what it brings along, asks only services of ours, and is shown in no other page. */
function contentSecurityPolicy(config: GatewayConfig): string {
  const services = [matchmakerUrl(config), signalingUrl(config)].map((url) => new URL(url));
  const origins = services.map(({ protocol, host }) => `${protocol}//${host}`).join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    `connect-src 'self' ${origins}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The answer for each file, by its name; all are read once. */
function readFiles(config: GatewayConfig): ReadonlyMap<string, Reply> {
  const policy = contentSecurityPolicy(config);
  const paths = new Map(readdirSync(FOLDER).map((name) => [name, `${FOLDER}${name}`]));
  paths.set('parley-client.js', fileURLToPath(import.meta.resolve('@parley/client/browser')));
  const textOf = (path: string) => (path.endsWith('.css') ? sharedStyle : '') + readFileSync(path, 'utf8');
  const answer = (name: string, path: string) =>
    reply(200, textOf(path), {
      'Content-Type': TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
  return new Map([...paths].map(([name, path]) => [name, answer(name, path)]));
}

/** The page at `/demo`, and below it all that the page is made of, the SDK among it. */
export function demoFiles(config: GatewayConfig): readonly Route[] {
  const files = readFiles(config);
  const find = (name: string) =>
    files.get(name) ?? problemReply('route_not_found', `The demo has no file of the name ${name}.`);
  return [
    {
      method: 'GET',
      path: '/demo',
      docs: { summary: 'A page to host a game, and to play one' },
      handle: () => find(PAGE),
    },
    {
      method: 'GET',
      path: '/demo/:file',
      docs: { summary: 'What the page of the demo is made of', problems: ['route_not_found'] },
      handle: ({ params }) => find(params['file'] ?? ''),
    },
  ];
}
