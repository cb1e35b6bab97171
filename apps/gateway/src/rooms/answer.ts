import { signalingUrl, type GatewayConfig } from '@parley/config';
import type { IceServer } from '@parley/protocol';
import type { Room } from '@parley/redis-scripts';

/** Gets ICE servers for one client; never fails (contract §2, ICE). */
export type IceServers = () => Promise<readonly IceServer[]>;

/** Where to connect: straight to a game server, or to a streaming host through signaling. */
type Connection =
  | { readonly serverAddress: string }
  | { readonly signalingUrl: string; readonly iceServers: readonly IceServer[] };

/** Makes the answers that tell a client where a room is (contract §3). */
export class RoomAnswers {
  constructor(
    private readonly config: Pick<GatewayConfig, 'SIGNALING_PUBLIC_URL'>,
    private readonly iceServers: IceServers,
  ) {}

  /** What anyone who knows a room's name may know of it. */
  async of(room: Omit<Room, 'ownerHash' | 'leaseId' | 'hostRoomId'>) {
    const { roomId, hostId, region, players, maxPlayers, expiresAtMs } = room;
    const expiresAt = new Date(expiresAtMs).toISOString();
    return {
      roomId,
      hostId,
      region,
      status: 'open',
      players,
      maxPlayers,
      expiresAt,
      ...(await this.#connection(room.address)),
    };
  }

  async #connection(address: string | undefined): Promise<Connection> {
    if (address !== undefined) return { serverAddress: address };
    return { signalingUrl: signalingUrl(this.config), iceServers: await this.iceServers() };
  }
}
