import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { matchmakerUrl, signalingUrl, type GatewayConfig } from '@parley/config';
import { reply, type Route } from '@parley/runtime';

const FOLDER = new URL('../../assets/demo/', import.meta.url);
const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
} as const;

const SCRIPTS = ['main', 'chat', 'connection', 'game', 'hosting', 'keys', 'network', 'playing', 'ticker'];

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

/** Each file of the demo as a route; they are read once, when the service is made. */
export function demoFiles(config: GatewayConfig): readonly Route[] {
  const policy = contentSecurityPolicy(config);
  const file = (path: string, type: keyof typeof TYPES, at: string | URL): Route => {
    const text = readFileSync(at, 'utf8');
    const headers = {
      'Content-Type': TYPES[type],
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    };
    return {
      method: 'GET',
      path,
      docs: { summary: path === '/demo' ? 'A page to host and to play a game' : 'A file of the demo' },
      handle: () => reply(200, text, headers),
    };
  };
  return [
    file('/demo', 'html', new URL('index.html', FOLDER)),
    file('/demo/demo.css', 'css', new URL('demo.css', FOLDER)),
    ...SCRIPTS.map((name) => file(`/demo/${name}.js`, 'js', new URL(`${name}.js`, FOLDER))),
    file('/demo/parley-client.js', 'js', fileURLToPath(import.meta.resolve('@parley/client/browser'))),
  ];
}
