import type { MatchmakerConfig } from '@parley/config';
import { bearerGuard, closedGuard, openGuard, type Guard } from '../guard.js';

/** Lists of hosts are open in development; in production they take `ADMIN_TOKEN` (contract §2). */
export function adminGuard({
  NODE_ENV,
  ADMIN_TOKEN,
}: Pick<MatchmakerConfig, 'NODE_ENV' | 'ADMIN_TOKEN'>): Guard {
  if (NODE_ENV !== 'production') return openGuard;
  if (ADMIN_TOKEN) return bearerGuard('ADMIN_TOKEN', [ADMIN_TOKEN]);
  return closedGuard('In production this takes an ADMIN_TOKEN, and the service was started without one.');
}
