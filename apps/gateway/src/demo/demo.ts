import { isDemoOn, matchmakerUrl, type GatewayConfig } from '@parley/config';
import type { IceProvider } from '@parley/ice';
import { iceAnswer } from '@parley/protocol';
import { PoolStore, type RedisConnection } from '@parley/redis-scripts';
import { createRoomTokens, reply, route, type Route } from '@parley/runtime';
import { z } from 'zod';
import { demoFiles } from './files.js';
import { hostBeatRoute, hostGoodbyeRoute, newHostRoute } from './host-routes.js';
import { DEMO_REGION } from './visitor-host.js';

/** Everything below `/demo` (docs/decisions/0010-demo.md): what pages ask for, and the page itself; nothing while it is off. */
export function createDemo(
  config: GatewayConfig,
  redis: RedisConnection,
  ice: Pick<IceProvider, 'answer'>,
): { readonly api: readonly Route[]; readonly files: readonly Route[] } {
  if (!isDemoOn(config)) return { api: [], files: [] };
  // Its hosts say who plays. Signaling would not know: to the pool, a page is a client until it has answered.
  const pool = new PoolStore(redis, config);
  const where: Route = {
    method: 'GET',
    path: '/demo/api/where',
    docs: { summary: 'Where the page of the demo finds a match' },
    handle: () => reply(200, { matchmakerUrl: matchmakerUrl(config), region: DEMO_REGION }),
  };
  const iceServers = route({
    method: 'POST',
    path: '/demo/api/ice-servers',
    body: z.object({}),
    docs: { summary: 'STUN and TURN servers for a host of the demo', answer: iceAnswer },
    handle: async () => reply(200, await ice.answer()),
  });
  const hosting = [
    newHostRoute(config),
    hostBeatRoute(pool, createRoomTokens(config), config),
    hostGoodbyeRoute(pool),
  ];
  return { api: [where, iceServers, ...hosting], files: demoFiles(config) };
}
