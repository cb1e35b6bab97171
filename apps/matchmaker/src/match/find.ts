import { signalingUrl, type MatchmakerConfig } from '@parley/config';
import type { IceProvider } from '@parley/ice';
import { findBody, matchAnswer } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import {
  problemReply,
  reply,
  route,
  type Metrics,
  type Reply,
  type Route,
  type RoomTokens,
} from '@parley/runtime';
import { toAllocationRequest } from './wishes.js';

interface FindParts {
  readonly pool: Pick<PoolStore, 'allocate' | 'release'>;
  readonly ice: Pick<IceProvider, 'iceServers'>;
  readonly config: Pick<MatchmakerConfig, 'SIGNALING_PUBLIC_URL'>;
  readonly tokens: RoomTokens;
  readonly metrics: Metrics;
}

function noHost(): Reply {
  const detail = 'No hosts available: no host that matches has a free slot right now.';
  return problemReply('no_host', detail, { older: { found: false, message: 'No hosts available' } });
}

/**
 * `POST /api/match/find` (contract §2): slots on a host, promised until `expiresAt`, and how to get there. TURN
 * credentials are fetched beside the allocation, so no slot waits for them, and who gets no slot does not wait for them
 * either; a slot whose client is gone before the answer is goes back at once.
 */
export function findRoute({ pool, ice, config, tokens, metrics }: FindParts): Route {
  const matches = metrics.counter('matches_total', 'Matches that clients asked for', ['outcome']);
  return route({
    method: 'POST',
    path: '/api/match/find',
    body: findBody,
    docs: {
      summary: 'Find a host with free slots, and hold them',
      answer: matchAnswer,
      problems: ['no_host'],
    },
    async handle({ body, traceparent }) {
      const iceServers = ice.iceServers();
      const match = await pool.allocate(toAllocationRequest(body));
      matches.inc({ outcome: match.outcome });
      if (match.outcome === 'none') return noHost();
      const { roomId, hostId, region, leaseId, expiresAtMs, address } = match;
      const answer = {
        found: true,
        roomId,
        signalingUrl: signalingUrl(config),
        iceServers: await iceServers,
        hostId,
        region,
        leaseId,
        expiresAt: expiresAtMs,
        ...tokens(roomId, 'client'),
        ...(traceparent !== undefined && { traceparent }),
        ...(address !== undefined && { serverAddress: address }),
      };
      return { ...reply(200, answer), ifUnsent: () => pool.release(match) };
    },
  });
}
