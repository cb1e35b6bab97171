import { authAliases, authSettings, refuseMissingKeys } from '../fragments/auth.js';
import { eventStreamSettings } from '../fragments/event-streams.js';
import { httpLimitSettings, userLimitSettings } from '../fragments/http-limit.js';
import { hostAuthSettings } from '../fragments/host-auth.js';
import { iceSettings, refuseUnusableIce } from '../fragments/ice.js';
import { poolSettings } from '../fragments/pool.js';
import { redisSettings } from '../fragments/redis.js';
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
    ...userLimitSettings,
    ...eventStreamSettings,
    ...authSettings,
    ADMIN_TOKEN: hostAuthSettings.ADMIN_TOKEN,
  },
  {
    aliases: { PORT: ['GATEWAY_PORT'], ...authAliases },
    production: (config) => [
      ...refuseMissingSignalingUrl(config),
      ...refuseUnusableIce(config),
      ...refuseMissingKeys(config),
    ],
  },
);

export type GatewayConfig = ConfigOf<typeof gatewaySettings>;
