import type { IceProvider } from '@parley/ice';
import { iceAnswer } from '@parley/protocol';
import { reply, type Route } from '@parley/runtime';

/** `POST /api/ice-servers` (contract §2): fresh credentials for a client whose own are about to expire. */
export function iceServersRoute(ice: Pick<IceProvider, 'answer'>): Route {
  return {
    method: 'POST',
    path: '/api/ice-servers',
    docs: { summary: 'Fresh STUN and TURN servers', answer: iceAnswer },
    handle: async () => reply(200, await ice.answer()),
  };
}
