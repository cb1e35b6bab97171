import { signalingUrl, type GatewayConfig } from '@parley/config';
import { heartbeatAnswer, heartbeatBody, successAnswer } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import { reply, route, type RoomTokens, type Route } from '@parley/runtime';
import { z } from 'zod';
import { refuseOthers } from './key-guard.js';
import { DEMO_REGION, hostOf, newHostKey, roomIdOf } from './visitor-host.js';

const newHostAnswer = z.object({
  key: z.string().describe('bearer token that speaks for this host'),
  hostId: z.string(),
  roomId: z.string(),
  region: z.string(),
  signalingUrl: z.string(),
});

/** `POST /demo/api/hosts`: a name, a room and a key for a page that wants to host. Nothing is kept of it. */
export function newHostRoute(config: Pick<GatewayConfig, 'SIGNALING_PUBLIC_URL'>): Route {
  return route({
    method: 'POST',
    path: '/demo/api/hosts',
    body: z.object({}),
    docs: { summary: 'Become a host of the demo', status: 201, answer: newHostAnswer },
    handle() {
      const key = newHostKey();
      const answer = { key, ...hostOf(key), region: DEMO_REGION, signalingUrl: signalingUrl(config) };
      return reply(201, answer, { 'Cache-Control': 'no-store' });
    },
  });
}

/**
 * `POST /demo/api/host/heartbeat`: as hosts send to the matchmaker, where `HOST_SECRET` is the key. Whatever the page says of
 * itself, it is a streaming host of one slot, in its own room and in the region of the demo.
 */
export function hostBeatRoute(
  pool: PoolStore,
  tokens: RoomTokens,
  { HOST_TTL_SECONDS: ttl }: Pick<GatewayConfig, 'HOST_TTL_SECONDS'>,
): Route {
  return route({
    method: 'POST',
    path: '/demo/api/host/heartbeat',
    body: heartbeatBody,
    docs: {
      summary: 'Stay a host of the demo',
      answer: heartbeatAnswer,
      bearer: 'hostKey',
      problems: ['unauthorized', 'forbidden'],
    },
    async handle({ body: { hostId, status, rooms = [] }, headers }) {
      const refused = refuseOthers(headers, hostId);
      if (refused) return refused;
      const roomId = roomIdOf(hostId);
      const players = rooms.some((room) => room.roomId === roomId && room.players > 0) ? 1 : 0;
      const slots = { capacity: 1, availableSlots: 1 - players, rooms: [{ roomId, players }] };
      await pool.heartbeat({ hostId, roomId, region: DEMO_REGION, status, ...slots });
      return reply(200, { success: true, ttl, ...tokens(roomId, 'host') });
    },
  });
}

/** `DELETE /demo/api/host/:hostId`: a page hosts no more. */
export function hostGoodbyeRoute(pool: PoolStore): Route {
  return {
    method: 'DELETE',
    path: '/demo/api/host/:hostId',
    docs: {
      summary: 'Stop being a host of the demo',
      answer: successAnswer,
      bearer: 'hostKey',
      problems: ['unauthorized', 'forbidden'],
    },
    async handle({ params, headers }) {
      const hostId = params['hostId'] ?? '';
      const refused = refuseOthers(headers, hostId);
      if (refused) return refused;
      await pool.removeHost(hostId);
      return reply(200, { success: true });
    },
  };
}
