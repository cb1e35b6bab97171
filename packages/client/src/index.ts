export { ParleyError, type ParleyErrorCode } from './http/error.js';
export { findMatch, refreshIceServers } from './http/match.js';
export { probeRegions, type ProbeOptions } from './http/regions.js';
export { type RequestOptions } from './http/request.js';
export {
  createRoom,
  deleteRoom,
  getRoom,
  joinRoom,
  listRooms,
  type CreateOptions,
  type JoinOptions,
} from './http/rooms.js';
export { watchRoom, type RoomEvent, type WatchOptions } from './http/watch-room.js';
export { createHost, type Host } from './host/host.js';
export { type Assignment, type HostEvents, type HostOptions } from './host/options.js';
export { type HostPeer, type PeerRequest } from './host/peers.js';
export { attach, type Attachment, type AttachOptions } from './rtc/attach.js';
export { type CandidateInit, type Description, type PeerConnection } from './rtc/peer-connection.js';
export {
  type Chat,
  type Closed,
  type Incoming,
  type Migrated,
  type PeerMessage,
  type PrivateText,
  type SessionErrorCode,
  type SessionEvents,
  type SessionState,
  type Welcome,
} from './session/events.js';
export { type LivenessTimes } from './session/liveness.js';
export { type ConnectOptions, type Where } from './session/options.js';
export { type OutboxLimits } from './session/outbox.js';
export { type CloseName, type StopReason } from './session/reconnect-policy.js';
export { connect } from './session/connect.js';
export { type Sent, type Session } from './session/session.js';
export { type WebSocketClass, type WebSocketLike } from './session/websocket.js';
export { type Backoff } from './util/backoff.js';
