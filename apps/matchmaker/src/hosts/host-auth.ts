import type { MatchmakerConfig } from '@parley/config';
import { bearerGuard, type Guard } from '@parley/runtime';

/** Hosts prove themselves with `HOST_SECRET`, or with `HOST_SECRET_PREVIOUS` while they change over (contract §2). */
export function hostGuard({
  HOST_SECRET,
  HOST_SECRET_PREVIOUS,
}: Pick<MatchmakerConfig, 'HOST_SECRET' | 'HOST_SECRET_PREVIOUS'>): Guard {
  return bearerGuard(
    'HOST_SECRET',
    HOST_SECRET_PREVIOUS ? [HOST_SECRET, HOST_SECRET_PREVIOUS] : [HOST_SECRET],
  );
}
