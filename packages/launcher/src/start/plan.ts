import { join } from 'node:path';
import type { Ports } from '../bootstrap.js';

/** One process of the stack. */
export interface Part {
  readonly name: string;
  /** The built file that Node runs, from the root of the checkout. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  /** How one knows that it is up: its readiness probe answers, or it prints a `ready` line. */
  readonly ready: { readonly probe: string } | 'line';
}

export interface Plan {
  readonly services: readonly Part[];
  readonly hosts: readonly Part[];
}

export interface Urls {
  readonly matchmaker: string;
  readonly gateway: string;
  readonly signaling: string;
  readonly signaling2: string;
}

/** Where everything is reached once it runs. */
export function urlsOf(ports: Ports): Urls {
  return {
    matchmaker: `http://127.0.0.1:${ports.matchmaker}`,
    gateway: `http://127.0.0.1:${ports.gateway}`,
    signaling: `ws://127.0.0.1:${ports.signaling}`,
    signaling2: `ws://127.0.0.1:${ports.signaling2}`,
  };
}

/** What `npm start` runs: each service, signaling twice, and three simulated hosts. */
export function planOf(ports: Ports, redisUrl: string | undefined): Plan {
  return { services: services(ports, redisUrl), hosts: hosts(urlsOf(ports)) };
}

function services(ports: Ports, redisUrl: string | undefined): Part[] {
  const service = (app: string, name: string, port: number): Part => ({
    name,
    main: join('apps', app, 'dist', 'main.js'),
    env: {
      // A stack for trying things out on this machine, whatever the environment says about a deployment.
      NODE_ENV: 'development',
      BIND_ADDRESS: '127.0.0.1',
      HEALTH_PORT: '',
      PORT: String(port),
      SIGNALING_PUBLIC_URL: urlsOf(ports).signaling,
      MATCHMAKER_PUBLIC_URL: urlsOf(ports).matchmaker,
      DEMO: 'true',
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    },
    ready: { probe: `http://127.0.0.1:${port}/readyz` },
  });
  return [
    service('gateway', 'gateway', ports.gateway),
    service('matchmaker', 'matchmaker', ports.matchmaker),
    service('signaling', 'signaling-1', ports.signaling),
    service('signaling', 'signaling-2', ports.signaling2),
  ];
}

function hosts(urls: Urls): Part[] {
  const host = (program: string, name: string, env: Record<string, string>): Part => ({
    name,
    main: join('examples', 'dist', `${program}.js`),
    env: { HOST_ID: name, ROOM_ID: `room-${name}`, MATCHMAKER_URL: urls.matchmaker, ICE_SERVERS: '', ...env },
    ready: 'line',
  });
  return [
    // The one in the second instance meets clients of the first one, so that both kinds of path are seen.
    host('streaming-host', 'streaming-1', { REGION: 'local', CAPACITY: '1', SIGNALING_URL: urls.signaling2 }),
    host('streaming-host', 'streaming-2', {
      REGION: 'eu-west',
      CAPACITY: '1',
      SIGNALING_URL: urls.signaling,
    }),
    host('game-server', 'game-1', { REGION: 'eu-west', CAPACITY: '8', ADDRESS: '127.0.0.1:0' }),
  ];
}
