import { wantedRegions, type FindRequest } from '@parley/protocol';
import type { AllocationRequest } from '@parley/redis-scripts';

/** What the pool is asked for, from what a client asked for (contract §2). */
export function toAllocationRequest(body: FindRequest): AllocationRequest {
  const anyKind = body.hostId !== undefined && body.kind === undefined;
  return {
    regions: wantedRegions(body),
    hostId: body.hostId,
    kinds: anyKind ? ['streaming', 'game'] : [body.kind ?? 'streaming'],
    seats: body.seats,
    strategy: body.strategy,
  };
}
