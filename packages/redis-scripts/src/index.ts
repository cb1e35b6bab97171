export { RedisConnection, type ConnectionEvents } from './connection/connection.js';
export { RedisUnavailableError, UnsafeRedisError } from './connection/errors.js';
export { createKeys, type Keys } from './keys.js';
export { RoomStore } from './rooms/store.js';
export type { JoinResult, NewRoom, Room } from './rooms/types.js';
export { PoolStore, type PoolOptions } from './pool/store.js';
export { PoolReaper, type ReapResult } from './pool/reaper.js';
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
export { decodeEntry, entrySeq, isOwnMessages, type Entry } from './signaling/entry.js';
export { InstanceStore } from './signaling/instances.js';
export { SignalingStore, type SignalingStoreOptions } from './signaling/store.js';
export { RoomSubscriber, type SubscriberEvents } from './signaling/subscriber.js';
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
export type { Limit, Verdict } from './limits/types.js';
