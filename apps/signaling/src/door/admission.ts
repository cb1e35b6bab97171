import type { IncomingMessage } from 'node:http';
import type { SignalingConfig } from '@parley/config';
import { ROOM_ID_PATTERN, closes, type Close } from '@parley/protocol';
import { createIsSecure, createTokenVerifier, type TokenClaims } from '@parley/runtime';
import { readJoinRequest, type JoinRequest } from './request.js';

/** What a request alone decides: it may go on, or the close that refuses it. */
export type Admission =
  { readonly ok: true; readonly request: JoinRequest } | { readonly ok: false; readonly close: Close };

/** What its token decides. */
export type Authorization =
  { readonly ok: true; readonly claims?: TokenClaims } | { readonly ok: false; readonly close: Close };

type Refusal = Close | undefined;

/** The checks of a join that need no Redis, in the order of the contract (§1). */
export function createAdmission(config: SignalingConfig) {
  const isSecure = createIsSecure(config);
  const origins = new Set(config.ALLOWED_ORIGINS.map((origin) => new URL(origin).origin));
  const verifier = config.ENABLE_AUTH ? createTokenVerifier(config) : undefined;

  function checkRoomId({ roomId }: JoinRequest): Refusal {
    const isValid = roomId.length <= config.ROOM_ID_MAX_LENGTH && ROOM_ID_PATTERN.test(roomId);
    return isValid ? undefined : closes.invalidRoomId;
  }

  function checkSecure(request: IncomingMessage): Refusal {
    return config.REQUIRE_WSS && !isSecure(request) ? closes.wssRequired : undefined;
  }

  /** Keeps other sites' pages out. Hosts are no pages, send no origin, and could send any. */
  function checkOrigin({ origin }: JoinRequest): Refusal {
    if (origins.size === 0 || origin === undefined) return undefined;
    const isAllowed = URL.canParse(origin) && origins.has(new URL(origin).origin);
    return isAllowed ? undefined : closes.originNotAllowed;
  }

  function checkSubprotocol({ subprotocols }: JoinRequest): Refusal {
    const { SUBPROTOCOL } = config;
    if (SUBPROTOCOL === undefined || subprotocols.includes(SUBPROTOCOL)) return undefined;
    return closes.subprotocolRequired;
  }

  return {
    /** Check what the request alone decides. */
    admit(message: IncomingMessage): Admission {
      const request = readJoinRequest(message);
      if (!request) return { ok: false, close: closes.malformedRequest };
      const close =
        checkRoomId(request) ?? checkSecure(message) ?? checkOrigin(request) ?? checkSubprotocol(request);
      return close ? { ok: false, close } : { ok: true, request };
    },

    /** Check the token, if authentication is on. Never throws. */
    async authorize({ token, roomId }: JoinRequest): Promise<Authorization> {
      if (!verifier) return { ok: true };
      const verdict = await verifier.verify(token);
      if (!verdict.ok) {
        const isOutage = verdict.why === 'unavailable';
        return { ok: false, close: isOutage ? closes.serviceUnavailable : closes.unauthorized };
      }
      const { claims } = verdict;
      return claims.rooms.includes(roomId) ? { ok: true, claims } : { ok: false, close: closes.forbidden };
    },
  };
}
