import type { ServiceConfig } from '@parley/config';
import { bearerGuard, closedGuard, openGuard, type Guard } from './guard.js';

/** What operators see is open in development; in production it takes `ADMIN_TOKEN` (contract §2). */
export function adminGuard({
  NODE_ENV,
  ADMIN_TOKEN,
}: Pick<ServiceConfig, 'NODE_ENV'> & { readonly ADMIN_TOKEN?: string | undefined }): Guard {
  if (NODE_ENV !== 'production') return openGuard;
  if (ADMIN_TOKEN) return bearerGuard('ADMIN_TOKEN', [ADMIN_TOKEN]);
  return closedGuard('In production this takes an ADMIN_TOKEN, and the service was started without one.');
}
