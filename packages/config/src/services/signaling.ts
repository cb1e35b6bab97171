import { z } from 'zod';
import { authAliases, authSettings, refuseMissingKeys } from '../fragments/auth.js';
import { redisSettings } from '../fragments/redis.js';
import { roomTtlSettings } from '../fragments/room.js';
import { serviceSettings } from '../fragments/service.js';
import { signalingLimitSettings } from '../fragments/signaling-limits.js';
import { defineSettings, type ConfigOf } from '../settings.js';
import { flag, integer, list } from '../values.js';

/** Settings of signaling (contract §1, §4). */
export const signalingSettings = defineSettings(
  {
    ...serviceSettings(3002),
    ...redisSettings,
    ...roomTtlSettings,
    ...authSettings,
    ...signalingLimitSettings,
    ROOM_CAPACITY: integer('members', 1, 10_000).default(2).describe('most members of one room'),
    ROOM_ID_MAX_LENGTH: integer('characters', 1, 1_024).default(64).describe('longest room id'),
    MESSAGE_MAX_BYTES: integer('bytes', 1, 67_108_864)
      .default(262_144)
      .describe('largest message; a larger one closes its sender with 1009'),
    BACKPRESSURE_CLOSE_THRESHOLD_BYTES: integer('bytes', 1, 1_073_741_824)
      .default(5_242_880)
      .describe('a member with more than this waiting to be sent is closed with 1013'),
    WS_PER_MESSAGE_DEFLATE: flag()
      .default(false)
      .describe(
        'compress messages from 1 KiB for clients that offer it (permessage-deflate); costs CPU, and memory per connection',
      ),
    HEARTBEAT_INTERVAL_MS: integer('milliseconds', 10, 3_600_000)
      .default(30_000)
      .describe('time between protocol pings; no pong by the next one ends the connection'),
    REQUIRE_WSS: flag()
      .default(false)
      .describe('refuse connections that are not encrypted, up to the proxy at least (`TRUST_PROXY`)'),
    ALLOWED_ORIGINS: list()
      .refine(
        (origins) => origins.every(isOrigin),
        'expected origins such as https://game.com:8443, separated by commas',
      )
      .default([])
      .describe(
        'pages that may connect: scheme, host and port; all when empty. Hosts send no origin and may',
      ),
    SUBPROTOCOL: z
      .string()
      .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'expected the name of a WebSocket subprotocol')
      .optional()
      .describe('WebSocket subprotocol that every client must offer'),
    JWT_ENFORCE_EXPIRY: flag()
      .default(false)
      .describe('end a connection when the token that let it in expires'),
    WORKERS: z
      .string()
      .regex(/^(auto|[1-9]\d{0,2})$/, 'expected a number of processes, or auto')
      .default('1')
      .describe('processes that share the port; `auto`: one a processor'),
    HELD_MAX_MESSAGES: integer('messages', 0, 100_000)
      .default(512)
      .describe('most messages that wait in a room for the next one to join'),
    HELD_MAX_BYTES: integer('bytes', 0, 67_108_864)
      .default(1_048_576)
      .describe('most bytes that wait in a room, for the next one to join or for Redis to come back'),
    HELD_TTL_SECONDS: integer('seconds', 1, 86_400)
      .default(300)
      .describe('a message that waited for this long is dropped'),
  },
  {
    aliases: {
      PORT: ['WS_PORT'],
      ...authAliases,
      BACKPRESSURE_CLOSE_THRESHOLD_BYTES: ['BACKPRESSURE_THRESHOLD_BYTES'],
    },
    production: refuseMissingKeys,
  },
);

/** Scheme, host and port, and nothing more. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, pathname, search, hash, username } = new URL(text);
  return origin !== 'null' && `${pathname}${search}${hash}${username}` === '/';
}

export type SignalingConfig = ConfigOf<typeof signalingSettings>;
