import { postRequest } from '../lib/http-connection.js';
import { HttpLoad } from '../lib/http-load.js';
import { HOST_SECRET } from './servers.js';

/** Where the hosts of the benches are. */
export const REGIONS = ['eu-west', 'us-east', 'us-west', 'ap-south'] as const;

/** As much as a host may have: matches never run out of slots while one measures. */
const CAPACITY = 10_000;

/** The heartbeat of the host with a number, as a real one sends it. */
export function heartbeatRequest(host: number, regions: readonly string[] = REGIONS): Buffer {
  const body = {
    hostId: `host-${host}`,
    roomId: `room-host-${host}`,
    region: regions[host % regions.length],
    status: 'idle',
    capacity: CAPACITY,
    availableSlots: CAPACITY,
  };
  return postRequest('/api/host/heartbeat', body, { Authorization: `Bearer ${HOST_SECRET}` });
}

/** Fill a pool with hosts. */
export async function register(
  port: number,
  hosts: number,
  regions: readonly string[] = REGIONS,
): Promise<void> {
  const load = await HttpLoad.open(port, 64);
  await load.sendAll(Array.from({ length: hosts }, (_, host) => heartbeatRequest(host, regions)));
  load.close();
}
