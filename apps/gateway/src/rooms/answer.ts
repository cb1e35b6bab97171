import { signalingUrl, type GatewayConfig } from '@parley/config';
import type { RoomTokens } from '@parley/runtime';
import type { IceProvider } from '@parley/ice';
import type { RoomAnswer, RoomListAnswer } from '@parley/protocol';
import type { Room } from '@parley/redis-scripts';

/** What anyone may know of a room who knows its name, or sees it listed. */
export function aboutRoom(room: Room): RoomListAnswer['rooms'][number] {
  const { roomId, region, players, maxPlayers, visibility, locked, metadata, createdAtMs: createdAt } = room;
  const status = room.state === 'migrating' ? 'migrating' : 'open';
  return { roomId, region, status, players, maxPlayers, visibility, locked, metadata, createdAt };
}

/** Makes the answers that tell a client where a room is (contract §3). */
export class RoomAnswers {
  constructor(
    private readonly config: Pick<GatewayConfig, 'SIGNALING_PUBLIC_URL'>,
    private readonly ice: Pick<IceProvider, 'iceServers'>,
    private readonly tokens: RoomTokens,
  ) {}

  /** What there is to know of a room, where it is unless it moves right now, and what lets a user into it. */
  async admitting(room: Room, user?: string, traceparent?: string): Promise<RoomAnswer> {
    const { hostId, expiresAtMs: expiresAt } = room;
    const connection = room.state === 'migrating' ? {} : await this.#connection(room.address);
    const token = this.tokens(room.roomId, 'client', user);
    return {
      ...aboutRoom(room),
      hostId,
      expiresAt,
      ...connection,
      ...token,
      ...(traceparent !== undefined && { traceparent }),
    };
  }

  /** Straight to a game server, or to a streaming host through signaling. */
  async #connection(address: string | undefined) {
    if (address !== undefined) return { serverAddress: address };
    return { signalingUrl: signalingUrl(this.config), iceServers: await this.ice.iceServers() };
  }
}
