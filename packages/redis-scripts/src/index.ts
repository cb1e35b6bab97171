export { RedisConnection, type ConnectionEvents } from './connection/connection.js';
export type { RedisSight } from './connection/sight.js';
export { Circuit } from './connection/circuit.js';
export { RedisUnavailableError, UnsafeRedisError } from './connection/errors.js';
export { createKeys, type Keys } from './keys.js';
export { CreateClaims, type Claim, type ClaimResult } from './rooms/claims.js';
export { Assignments } from './rooms/assignments.js';
export { BEFORE_ALL, isEventId, RoomEvents, type RoomEvent } from './rooms/events.js';
export { HostRooms, type Assignment, type HostNews } from './rooms/host-rooms.js';
export { PublicRooms, type RoomFilter, type RoomPage } from './rooms/public-rooms.js';
export { OverviewStore, type Overview } from './overview/overview.js';
export type { RegionNumbers } from './pool/count.js';
export { ProvisionStore, type RegionSight } from './provision/store.js';
export { RoomNews } from './rooms/news.js';
export { RoomMover } from './rooms/mover.js';
export { RoomStore } from './rooms/store.js';
export { roomTimes } from './rooms/times.js';
export type {
  JoinResult,
  NewRoom,
  Room,
  RoomChanges,
  RoomHosts,
  RoomTimes,
  RoomWishes,
} from './rooms/types.js';
export { PoolStore, type PoolOptions } from './pool/store.js';
export { PoolReaper, type ReapResult } from './pool/reaper.js';
export type { RegionFree } from './pool/regions.js';
export { reportPresence } from './pool/presence.js';
export type { ListedHost, ListPage } from './pool/list.js';
export type {
  Allocation,
  AllocationRequest,
  AllocationResult,
  HostKind,
  HostReport,
  HostStatus,
  Strategy,
} from './pool/types.js';
export { RoomBinding } from './signaling/binding.js';
export {
  ANNOUNCER,
  decodeEntry,
  entrySeq,
  isLossElsewhere,
  isOwnMessages,
  type Entry,
} from './signaling/entry.js';
export { InstanceStore, type InstanceState } from './signaling/instances.js';
export { SignalingStore, type SignalingStoreOptions } from './signaling/store.js';
export { RoomSubscriber, type SubscriberEvents } from './signaling/subscriber.js';
export { V1Store, type V1StoreOptions } from './signaling/v1-store.js';
export { decodeUser, encodeUser } from './signaling/v1-decode.js';
export type {
  Departure,
  Gap,
  Kept,
  V1Claim,
  V1Entered,
  V1EnterResult,
  V1Entrant,
  V1Record,
} from './signaling/v1-types.js';
export type {
  Entered,
  Entrant,
  Evidence,
  Membership,
  Presence,
  RelayedMessage,
  SendResult,
} from './signaling/types.js';
export { SharedLimiter } from './limits/shared-limiter.js';
export type { Limit, TakenAlong, Verdict } from './limits/types.js';
