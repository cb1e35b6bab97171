import { randomBytes } from 'node:crypto';
import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import { planSteps, type Step } from './plan.js';
import type { Regions } from './regions.js';
import { allocateScript } from './scripts.js';
import type { Allocation, AllocationRequest, AllocationResult } from './types.js';

type LeasedReply = [
  'leased',
  hostId: string,
  roomId: string,
  address: string,
  leaseId: string,
  expiresAt: number,
];
type Reply = LeasedReply | ['none'] | ['again'];

/** An allocation with its defaults filled in. */
type Request = AllocationRequest & { readonly leaseTtlMs: number };

/** Passes over several regions before "none": each repeats only because a slot was free, and then gone, meanwhile. */
const PASSES_MAX = 3;

function toAllocation(region: string, reply: LeasedReply): Allocation {
  const [, hostId, roomId, address, leaseId, expiresAt] = reply;
  return {
    outcome: 'leased',
    hostId,
    region,
    roomId,
    ...(address && { address }),
    leaseId,
    expiresAtMs: Number(expiresAt),
  };
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
        suffix: randomBytes(8).toString('hex'),
        draw: Math.random(),
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

async function allocateHost(redis: RedisConnection, regions: Regions, hostId: string, request: Request) {
  const region = await regions.of(hostId);
  const wanted = region !== undefined && (request.regions?.includes(region) ?? true);
  return wanted
    ? tryRegion(redis, { region, kinds: request.kinds }, request)
    : ({ outcome: 'none' } as const);
}

/**
 * Promise slots of one host. One round trip where the first region has a slot. Nobody is told "none" on old knowledge
 * (P4): before that the regions are read anew, and those that have a slot are asked again.
 */
export async function allocate(
  redis: RedisConnection,
  regions: Regions,
  request: Request,
): Promise<AllocationResult> {
  if (request.hostId !== undefined) return allocateHost(redis, regions, request.hostId, request);
  const known = request.regions ? [] : await regions.recent();
  let steps = planSteps(request, known);
  let result = await tryAll(redis, steps, request);
  // One region is one script, and its answer is the truth.
  if (request.regions && steps.length === 1) return result;
  for (let pass = 1; pass < PASSES_MAX && result.outcome === 'none'; pass++) {
    const now = await regions.read();
    const free = now.filter((each) => request.kinds.some((kind) => each.free[kind] >= (request.seats ?? 1)));
    const wanted = new Set(free.map(({ region }) => region));
    steps = planSteps(request, now).filter(({ region }) => wanted.has(region));
    if (steps.length === 0) return result;
    result = await tryAll(redis, steps, request);
  }
  return result;
}
