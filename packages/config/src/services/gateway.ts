import { httpLimitSettings } from '../fragments/http-limit.js';
import { iceSettings, refuseUnusableIce } from '../fragments/ice.js';
import { poolSettings } from '../fragments/pool.js';
import { redisSettings } from '../fragments/redis.js';
import { refusePublicRoomTokenKey, roomTokenSettings } from '../fragments/room-token.js';
import { roomTtlSettings } from '../fragments/room.js';
import { serviceSettings } from '../fragments/service.js';
import { refuseMissingSignalingUrl, signalingUrlSettings } from '../fragments/signaling-url.js';
import { defineSettings, type ConfigOf } from '../settings.js';

/** Settings of the gateway (contract §3, §4). */
export const gatewaySettings = defineSettings(
  {
    ...serviceSettings(8090),
    ...redisSettings,
    ...signalingUrlSettings,
    ...poolSettings,
    ...roomTtlSettings,
    ...iceSettings,
    ...httpLimitSettings,
    ...roomTokenSettings,
  },
  {
    aliases: { PORT: ['GATEWAY_PORT'] },
    production: (config) => [
      ...refuseMissingSignalingUrl(config),
      ...refuseUnusableIce(config),
      ...refusePublicRoomTokenKey(config),
    ],
  },
);

export type GatewayConfig = ConfigOf<typeof gatewaySettings>;
