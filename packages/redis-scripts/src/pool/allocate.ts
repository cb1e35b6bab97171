import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import { planSteps, type Step } from './plan.js';
import type { RegionFree, Regions } from './regions.js';
import { allocateScript } from './scripts.js';
import type { Allocation, AllocationRequest, AllocationResult } from './types.js';

type LeasedReply = [
  'leased',
  hostId: string,
  roomId: string,
  address: string,
  leaseId: string,
  expiresAtMs: number,
];
type Reply = LeasedReply | ['none'] | ['again'];

/** An allocation with its defaults filled in. */
type Request = AllocationRequest & { readonly leaseTtlMs: number };

/** Passes over several regions before "none": each repeats only because a slot came free meanwhile. */
const PASSES_MAX = 50;

/** How often a host that moves meanwhile is followed. */
const MOVES_MAX = 5;

function toAllocation(region: string, reply: LeasedReply): Allocation {
  const [, hostId, roomId, address, leaseId, expiresAtMs] = reply;
  return {
    outcome: 'leased',
    hostId,
    region,
    roomId,
    ...(address && { address }),
    leaseId,
    expiresAtMs,
  };
}

/** Makes the id of a lease unique; one for a gateway's room is known by it (`lua/shared/pool-leases.lua`). */
function suffixOf({ isForRoom }: Request): string {
  const random = randomUUID().slice(-12);
  return isForRoom ? `r${random.slice(1)}` : random;
}

/** Look in one region. The script retires a bounded number of what is due, and says so when more may free a slot. */
async function tryRegion(
  redis: RedisConnection,
  { region, kinds }: Step,
  request: Request,
): Promise<AllocationResult> {
  for (;;) {
    const reply = (await redis.run(allocateScript, {
      keys: regionKeys(redis.keys, region),
      argv: {
        hostId: request.hostId ?? '',
        kinds: kinds.join(' '),
        strategy: request.strategy ?? 'least-loaded',
        seats: request.seats ?? 1,
        leaseTtlMs: request.leaseTtlMs,
        suffix: suffixOf(request),
        draw: Math.random(),
        avoid: (request.avoid ?? []).join('\n'),
      },
    })) as Reply;
    if (reply[0] === 'leased') return toAllocation(region, reply);
    if (reply[0] === 'none') return { outcome: 'none' };
  }
}

async function tryAll(
  redis: RedisConnection,
  steps: readonly Step[],
  request: Request,
): Promise<AllocationResult> {
  for (const step of steps) {
    const result = await tryRegion(redis, step, request);
    if (result.outcome === 'leased') return result;
  }
  return { outcome: 'none' };
}

/** A host that moves meanwhile is followed: none only if it was where it was said to be. */
async function allocateHost(
  redis: RedisConnection,
  regions: Regions,
  hostId: string,
  request: Request,
): Promise<AllocationResult> {
  let known = await regions.of(hostId);
  for (let move = 0; move < MOVES_MAX; move++) {
    const wanted = known.filter((region) => request.regions?.includes(region) ?? true);
    const steps = wanted.map((region) => ({ region, kinds: request.kinds }));
    const result = await tryAll(redis, steps, request);
    if (result.outcome === 'leased') return result;
    const after = await regions.of(hostId);
    if (after.join() === known.join()) return result;
    known = after;
  }
  return { outcome: 'none' };
}

/** Whether no slot came free anywhere between two looks at the regions. */
function unchanged(before: readonly RegionFree[], after: readonly RegionFree[]): boolean {
  const rises = new Map(before.map(({ region, rises: count }) => [region, count]));
  return after.every(({ region, rises: count }) => rises.get(region) === count);
}

/**
 * Look again where slots are free, until there was a moment at which none was in any region: none when the regions
 * were read, and none came free until they were read once more (P4).
 */
async function insist(redis: RedisConnection, regions: Regions, request: Request): Promise<AllocationResult> {
  const seats = request.seats ?? 1;
  let before = await regions.read();
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const free = before.filter((each) => request.kinds.some((kind) => each.free[kind] >= seats));
    const names = new Set(free.map(({ region }) => region));
    const steps = planSteps(request, before).filter(({ region }) => names.has(region));
    const result = await tryAll(redis, steps, request);
    if (result.outcome === 'leased') return result;
    const after = await regions.read();
    if (unchanged(before, after)) return result;
    before = after;
  }
  return { outcome: 'none' };
}

/** Promise slots of one host. One round trip where the first region has a slot. */
export async function allocate(
  redis: RedisConnection,
  regions: Regions,
  request: Request,
): Promise<AllocationResult> {
  if (request.hostId !== undefined) return allocateHost(redis, regions, request.hostId, request);
  const known = request.regions ? [] : await regions.recent();
  const steps = planSteps(request, known);
  const result = await tryAll(redis, steps, request);
  // One region is one script, and its answer is the truth.
  const isTrue = request.regions !== undefined && steps.length <= 1;
  return result.outcome === 'leased' || isTrue ? result : insist(redis, regions, request);
}
