import { signalingUrl, type MatchmakerConfig } from '@parley/config';
import type { IceProvider } from '@parley/ice';
import { findBody } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import { problemReply, reply, route, type Reply, type Route } from '@parley/runtime';
import { toAllocationRequest } from './wishes.js';

function noHost(): Reply {
  const detail = 'No hosts available: no host that matches has a free slot right now.';
  return problemReply('no_host', detail, { older: { found: false, message: 'No hosts available' } });
}

/**
 * `POST /api/match/find` (contract §2): a slot on a host, promised until `expiresAt` (ms since 1970), and how to get
 * there. TURN credentials are fetched beside the allocation, so no slot waits for them.
 */
export function findRoute(
  pool: PoolStore,
  ice: Pick<IceProvider, 'iceServers'>,
  config: Pick<MatchmakerConfig, 'SIGNALING_PUBLIC_URL'>,
): Route {
  return route({
    method: 'POST',
    path: '/api/match/find',
    body: findBody,
    async handle({ body }) {
      const [match, iceServers] = await Promise.all([
        pool.allocate(toAllocationRequest(body)),
        ice.iceServers(),
      ]);
      if (match.outcome === 'none') return noHost();
      const { roomId, hostId, region, leaseId, expiresAtMs, address } = match;
      return reply(200, {
        found: true,
        roomId,
        signalingUrl: signalingUrl(config),
        iceServers,
        hostId,
        region,
        leaseId,
        expiresAt: expiresAtMs,
        ...(address !== undefined && { serverAddress: address }),
      });
    },
  });
}
