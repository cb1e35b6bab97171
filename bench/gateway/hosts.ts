import { postRequest } from '../lib/http-connection.js';
import { HttpLoad } from '../lib/http-load.js';

export const HOST_SECRET = 'bench-host-secret';

/** A game server as it reports itself. */
export interface GameServer {
  readonly hostId: string;
  readonly region: string;
  readonly capacity: number;
  readonly rooms?: readonly { readonly roomId: string; readonly players: number }[];
}

function heartbeatRequest({ hostId, region, capacity, rooms = [] }: GameServer): Buffer {
  const body = {
    hostId,
    region,
    roomId: `room-${hostId}`,
    address: '192.0.2.7:7777',
    status: 'idle',
    capacity,
    availableSlots: capacity - rooms.length,
    rooms,
  };
  return postRequest('/api/host/heartbeat', body, { Authorization: `Bearer ${HOST_SECRET}` });
}

/** Let game servers heartbeat once at a matchmaker. */
export async function heartbeat(matchmakerPort: number, servers: readonly GameServer[]): Promise<void> {
  const load = await HttpLoad.open(matchmakerPort, Math.min(64, servers.length));
  await load.sendAll(servers.map(heartbeatRequest));
  load.close();
}
