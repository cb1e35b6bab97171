import { hostAuthSettings, refuseInsecureHostSecret } from '../fragments/host-auth.js';
import { httpLimitSettings } from '../fragments/http-limit.js';
import { iceSettings, refuseUnusableIce } from '../fragments/ice.js';
import { poolSettings } from '../fragments/pool.js';
import { provisionerSettings, refuseUnusableProvisioner } from '../fragments/provisioner.js';
import { reaperSettings } from '../fragments/reaper.js';
import { redisSettings } from '../fragments/redis.js';
import { refusePublicRoomTokenKey, roomTokenSettings } from '../fragments/room-token.js';
import { roomTtlSettings } from '../fragments/room.js';
import { serviceSettings } from '../fragments/service.js';
import { refuseMissingSignalingUrl, signalingUrlSettings } from '../fragments/signaling-url.js';
import { defineSettings, type ConfigOf } from '../settings.js';

/** Settings of the matchmaker (contract §2, §4). */
export const matchmakerSettings = defineSettings(
  {
    ...serviceSettings(8080),
    ...redisSettings,
    ...hostAuthSettings,
    ...signalingUrlSettings,
    ...poolSettings,
    ...roomTtlSettings,
    ...reaperSettings,
    ...provisionerSettings,
    ...iceSettings,
    ...httpLimitSettings,
    ...roomTokenSettings,
  },
  {
    aliases: { PORT: ['MATCHMAKER_PORT'] },
    production: (config) => [
      ...refuseInsecureHostSecret(config),
      ...refuseMissingSignalingUrl(config),
      ...refuseUnusableIce(config),
      ...refusePublicRoomTokenKey(config),
      ...refuseUnusableProvisioner(config),
    ],
  },
);

export type MatchmakerConfig = ConfigOf<typeof matchmakerSettings>;
