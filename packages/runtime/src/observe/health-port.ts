import type { ServiceConfig } from '@parley/config';
import { listen } from '../http/server.js';
import type { Closers } from '../lifecycle/closers.js';
import type { Probes } from './probes.js';

/** Serve the probes on `HEALTH_PORT` as well, if it is set (contract §1). */
export async function openHealthPort(
  { HEALTH_PORT, BIND_ADDRESS }: Pick<ServiceConfig, 'HEALTH_PORT' | 'BIND_ADDRESS'>,
  probes: Probes,
  closers: Closers,
): Promise<void> {
  if (HEALTH_PORT === undefined) return;
  const listener = await listen(
    (request, response) => {
      if (!probes(request, response)) response.writeHead(404).end();
    },
    HEALTH_PORT,
    BIND_ADDRESS,
  );
  closers.add('health port', () => listener.close());
}
