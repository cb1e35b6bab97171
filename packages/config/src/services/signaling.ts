import { redisSettings } from '../fragments/redis.js';
import { roomTtlSettings } from '../fragments/room.js';
import { serviceSettings } from '../fragments/service.js';
import { defineSettings, type ConfigOf } from '../settings.js';
import { integer } from '../values.js';

/** Settings of signaling (contract §1, §4). */
export const signalingSettings = defineSettings(
  {
    ...serviceSettings(3002),
    ...redisSettings,
    ...roomTtlSettings,
    ROOM_CAPACITY: integer('members', 1, 10_000).default(2).describe('most members of one room'),
    ROOM_ID_MAX_LENGTH: integer('characters', 1, 1_024).default(64).describe('longest room id'),
    MESSAGE_MAX_BYTES: integer('bytes', 1, 67_108_864)
      .default(262_144)
      .describe('largest message; a larger one closes its sender with 1009'),
    BACKPRESSURE_CLOSE_THRESHOLD_BYTES: integer('bytes', 1, 1_073_741_824)
      .default(5_242_880)
      .describe('a member with more than this waiting to be sent is closed with 1013'),
    HEARTBEAT_INTERVAL_MS: integer('milliseconds', 10, 3_600_000)
      .default(30_000)
      .describe('time between protocol pings; no pong by the next one ends the connection'),
  },
  {
    aliases: {
      PORT: ['WS_PORT'],
      BACKPRESSURE_CLOSE_THRESHOLD_BYTES: ['BACKPRESSURE_THRESHOLD_BYTES'],
    },
  },
);

export type SignalingConfig = ConfigOf<typeof signalingSettings>;
