/**
 * What a client should do after a close: `terminal` – the same request will be refused again; `later` – back off and
 * retry; `elsewhere` – reconnect at once, another instance will take it.
 */
export type ReconnectPolicy = 'terminal' | 'later' | 'elsewhere';

/** One way for the signaling server to close a WebSocket (contract §1; codes from RFC 6455 §7.4.1). */
export interface Close {
  readonly code: number;
  readonly reason: string;
  readonly reconnect: ReconnectPolicy;
}

/** Every close that signaling sends. Reasons are part of the contract: browsers show nothing else of a refusal. */
export const closes = {
  invalidRoomId: { code: 1008, reason: 'Invalid roomId', reconnect: 'terminal' },
  originNotAllowed: { code: 1008, reason: 'Origin not allowed', reconnect: 'terminal' },
  subprotocolRequired: { code: 1008, reason: 'Subprotocol required', reconnect: 'terminal' },
  wssRequired: { code: 1008, reason: 'WSS required', reconnect: 'terminal' },
  unauthorized: { code: 1008, reason: 'Unauthorized', reconnect: 'terminal' },
  forbidden: { code: 1008, reason: 'Forbidden', reconnect: 'terminal' },
  malformedRequest: { code: 1008, reason: 'Malformed request', reconnect: 'terminal' },
  /** Another socket has taken this member over with its resume token: a second tab, or the same one that came back. */
  resumedElsewhere: { code: 1000, reason: 'Resumed elsewhere', reconnect: 'terminal' },
  roomFull: { code: 1000, reason: 'Room is full', reconnect: 'terminal' },
  rateLimited: { code: 1013, reason: 'Rate limited', reconnect: 'later' },
  serviceUnavailable: { code: 1013, reason: 'Service unavailable', reconnect: 'later' },
  overloaded: { code: 1013, reason: 'Server overloaded', reconnect: 'later' },
  tooLarge: { code: 1009, reason: '', reconnect: 'terminal' },
  internalError: { code: 1011, reason: 'Internal error', reconnect: 'later' },
  draining: { code: 1012, reason: 'Server draining', reconnect: 'elsewhere' },
} as const satisfies Record<string, Close>;
