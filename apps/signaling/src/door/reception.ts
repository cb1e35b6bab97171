import type { IncomingMessage } from 'node:http';
import type { SignalingConfig } from '@parley/config';
import { closes, PARLEY_V1, type Close } from '@parley/protocol';
import { RedisUnavailableError } from '@parley/redis-scripts';
import { createClientIp, ipLimitKey, type Logger, type TokenClaims, type Tracing } from '@parley/runtime';
import type { Instance } from '../instance/instance.js';
import type { Limits } from '../limits/limits.js';
import { Connection, type ConnectionContext } from '../member/connection.js';
import type { Connections } from '../member/connections.js';
import { V1Connection } from '../v1/v1-connection.js';
import { createAdmission } from './admission.js';
import { refuse } from './door.js';
import type { ServerSocket } from './server-socket.js';
import { traceJoin } from './trace-join.js';
import type { JoinRequest } from './request.js';

interface ReceptionParts {
  readonly config: SignalingConfig;
  readonly logger: Logger;
  readonly instance: Instance;
  readonly limits: Limits;
  readonly connections: Connections;
  readonly context: ConnectionContext;
  readonly tracing: Tracing | undefined;
  readonly isDraining: () => boolean;
}

/** Longest user id that others are told of. */
const USER_ID_MAX_LENGTH = 255;

function userOf(claims: TokenClaims | undefined): string | undefined {
  const userId = claims?.sub;
  return userId !== undefined && userId !== '' && userId.length <= USER_ID_MAX_LENGTH ? userId : undefined;
}

/** Why nobody may come in right now, if so. */
function refusalNow({ isDraining, instance }: ReceptionParts): Close | undefined {
  if (isDraining()) return closes.draining;
  return instance.redis.isCircuitOpen ? closes.serviceUnavailable : undefined;
}

const closeAfter = (error: unknown) =>
  error instanceof RedisUnavailableError ? closes.serviceUnavailable : closes.internalError;

/** Receives upgraded sockets: refuses them, or leads them to their room (contract §1, in its order of checks). */
export function createReception(parts: ReceptionParts) {
  const { config, logger, instance, limits, connections, context, tracing } = parts;
  const clientIp = createClientIp(config);
  const admission = createAdmission(config);
  let lastMember = 0;

  function turnAway(socket: ServerSocket, close: Close): void {
    context.metrics.closes.inc({ reason: close.reason });
    logger.debug({ reason: close.reason }, 'connection turned away');
    refuse(socket, close);
  }

  /** What stands between a connection and its room; undefined when it may join. */
  async function refusalLater(connection: Connection, ip: string, request: JoinRequest) {
    const authorized = await admission.authorize(request);
    if (!authorized.ok) return authorized.close;
    const endsAt = authorized.claims?.exp;
    // A token for ever would be the way around the end of every other.
    const isEndless = authorized.claims !== undefined && endsAt === undefined;
    if (config.JWT_ENFORCE_EXPIRY && isEndless) return closes.unauthorized;
    if (!(await limits.allowConnection(ip))) return closes.rateLimited;
    if (endsAt !== undefined && config.JWT_ENFORCE_EXPIRY) connection.endAt(endsAt * 1_000);
    if (connection instanceof V1Connection) connection.member.userId = userOf(authorized.claims);
    return undefined;
  }

  async function join(connection: Connection, ip: string, request: JoinRequest): Promise<void> {
    const { roomId, resume } = request;
    try {
      const isBack = connection instanceof V1Connection && resume !== undefined;
      const seen = isBack ? connection.readSeen(resume) : undefined;
      const check = () => refusalLater(connection, ip, request);
      const refusal = await (tracing ? tracing.inSpan('signaling door', {}, check) : check());
      if (refusal) return connection.close(refusal);
      if (seen) await seen;
      // Whoever went while it was looked at takes no place from the next one.
      if (connection.isOver) return undefined;
      const { outcome, room } = await instance.rooms.join(roomId, connection.member);
      if (outcome === 'full') connection.close(closes.roomFull);
      else {
        logger.debug({ memberId: connection.member.id, roomId, isResuming: isBack }, 'member joined');
        connection.joined(room);
      }
    } catch (error) {
      if (!(error instanceof RedisUnavailableError)) logger.error({ err: error, roomId }, 'join failed');
      connection.close(closeAfter(error));
    }
  }

  /** Nothing may be awaited before the connection's handlers stand (S1). */
  return (socket: ServerSocket, message: IncomingMessage): void => {
    const refusal = refusalNow(parts);
    if (refusal) return turnAway(socket, refusal);
    const admitted = admission.admit(message);
    if (!admitted.ok) return turnAway(socket, admitted.close);
    const { request } = admitted;
    const memberId = `${instance.instanceId}.${(++lastMember).toString(36)}`;
    const ip = ipLimitKey(clientIp(message));
    const isBrowser = request.origin !== undefined;
    const Dialect = request.subprotocols.includes(PARLEY_V1) ? V1Connection : Connection;
    const connection = new Dialect(socket, message.socket, { memberId, ip, isBrowser }, context);
    connections.add(connection);
    const enter = () => join(connection, ip, request);
    void (tracing ? traceJoin(tracing, connection, request, enter) : enter());
  };
}
