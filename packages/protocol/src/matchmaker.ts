import { z } from 'zod';
import { hostId, region, roomId } from './ids.js';

/** Most slots one host may claim; a bound on what a lying host can do to sums and scores. */
export const CAPACITY_MAX = 10_000;

const slots = z.number().int().min(0).max(CAPACITY_MAX);

/** What a host says of itself. Only `idle` hosts are handed out. */
export const hostStatus = z.enum(['idle', 'busy', 'allocated']);
export type HostStatus = z.output<typeof hostStatus>;

/** A game server's `host:port`, where clients connect directly. */
const address = z
  .string()
  .max(261)
  .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+):\d{1,5}$/, 'must be host:port')
  .refine((text) => {
    const port = Number(text.slice(text.lastIndexOf(':') + 1));
    return port >= 1 && port <= 65_535;
  }, 'must have a port from 1 to 65535');

/** `POST /api/host/heartbeat` (contract §2). Unknown fields are ignored: real hosts send `gameInfo`. */
export const heartbeatBody = z
  .object({
    hostId,
    roomId,
    region: region.default('local'),
    status: hostStatus.default('idle'),
    capacity: slots.default(1),
    availableSlots: slots.optional(),
    address: address.optional(),
    rooms: z
      .array(z.object({ roomId, players: z.number().int().min(0).max(CAPACITY_MAX) }))
      .max(1_000)
      .optional(),
    publicIp: z.string().max(64).optional(),
    labels: z.record(z.string().max(64), z.string().max(256)).optional(),
  })
  .transform((body) => ({ ...body, availableSlots: body.availableSlots ?? body.capacity }));
export type Heartbeat = z.output<typeof heartbeatBody>;
/** The same as a host writes it. */
export type HeartbeatInput = z.input<typeof heartbeatBody>;

/** `POST /api/host/status` (contract §2); holds until the host's next heartbeat. */
export const hostStatusBody = z.object({ hostId, status: hostStatus });

/** Most seats one match may ask for. */
export const SEATS_MAX = 1_000;

/** Which host is chosen among those that fit. */
export const strategy = z.enum(['least-loaded', 'packed', 'random']);

/** `POST /api/host/rooms/:roomId/closed` (contract §2). A host that tells its name cannot close what it lost. */
export const roomClosedBody = z.object({ hostId: hostId.optional() });

/**
 * `POST /api/match/find` (contract §2). Regions narrow down where to look: `region` and `regions` to those named,
 * `latencies` to those the client could reach (a number of ms; `null` for those it could not). Looked at in order of
 * `latencies`, else of `regions`. `hostId` means that host, of whatever kind, or nothing.
 */
export const findBody = z.object({
  region: region.optional(),
  regions: z.array(region).min(1).max(64).optional(),
  latencies: z.record(region, z.number().min(0).nullable()).optional(),
  hostId: hostId.optional(),
  /** A party: all seats on one host, or none. */
  seats: z.number().int().min(1).max(SEATS_MAX).default(1),
  strategy: strategy.default('least-loaded'),
  /** A page can only talk to a streaming host; a game's own client may ask for a game server. */
  kind: z.enum(['streaming', 'game']).optional(),
});
export type FindRequest = z.output<typeof findBody>;
/** The same as a client writes it. */
export type FindInput = z.input<typeof findBody>;

/** One entry of WebRTC's `RTCConfiguration.iceServers` (W3C WebRTC §4.2.5). */
export const iceServer = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.output<typeof iceServer>;

const roomToken = z
  .string()
  .optional()
  .describe('lets its holder into the room, where signaling wants tokens');

/** Told where traces are on. */
export const traceparent = z
  .string()
  .optional()
  .describe(
    'continues the trace of this request (W3C Trace Context): appended to the signaling URL as ?traceparent=',
  );

/** The answer to a heartbeat. */
export const heartbeatAnswer = z.object({
  success: z.literal(true),
  ttl: z.number().int().describe('seconds until the host counts as dead without another heartbeat'),
  token: roomToken,
  assignments: z
    .array(
      z.object({
        roomId,
        leaseId: z.string(),
        expiresAt: z.number().describe('ms since 1970'),
        token: roomToken,
      }),
    )
    .readonly()
    .optional()
    .describe('rooms that the host is to open, and to report from then on'),
  released: z.array(roomId).readonly().optional().describe('rooms that are not its own any more'),
});
export type HeartbeatAnswer = z.output<typeof heartbeatAnswer>;

/** The answer to what a host tells of itself besides. */
export const successAnswer = z.object({ success: z.literal(true) });

/** The answer to a match: where to go, how to get there, and until when the slots are held. */
export const matchAnswer = z.object({
  found: z.literal(true),
  roomId: roomId.describe("the host's signaling room"),
  signalingUrl: z.string().describe('without a query: clients append ?roomId='),
  iceServers: z.array(iceServer).readonly(),
  hostId,
  region,
  leaseId: z.string(),
  expiresAt: z.number().int().describe('ms since 1970: until then the client has to have joined the room'),
  serverAddress: z.string().optional().describe('host:port of a game server'),
  token: roomToken,
  traceparent,
});
export type MatchAnswer = z.output<typeof matchAnswer>;

/** One host of the list. */
export const listedHost = z.object({
  hostId,
  region,
  roomId,
  address: z.string().optional(),
  status: hostStatus,
  capacity: z.number().int(),
  availableSlots: z.number().int().describe("slots free by the host's own count"),
  free: z.number().int().describe('slots that can be promised now'),
  leases: z.number().int().describe('seats promised and not taken up yet'),
  sessions: z.number().int(),
  lastSeen: z.number().int().describe('last heartbeat, ms since 1970'),
  expiresAt: z.number().int().describe('counts as dead from then on, ms since 1970'),
});

/** One host of the list of times to live. */
export const hostTtl = z.object({ hostId, ttlSeconds: z.number().int() });

/** The answer to `POST /api/ice-servers`. */
export const iceAnswer = z.object({
  iceServers: z.array(iceServer).readonly(),
  expiresAt: z.number().optional().describe('when the TURN credentials end, ms since 1970; ask again before'),
});
export type IceAnswer = z.output<typeof iceAnswer>;
