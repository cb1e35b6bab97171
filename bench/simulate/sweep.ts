import { setTimeout as delay } from 'node:timers/promises';
import type { HostBook, HostKind } from './books.js';
import { find } from './find.js';
import type { World } from './world.js';

/** What was free by the books at the end, and how much of it was found. */
export interface Sweep {
  readonly slots: number;
  readonly found: number;
  /** Hosts that could not be found as often as they have slots. */
  readonly missed: readonly HostBook[];
}

/** Who asks for all of it. */
const SWEEPER = 'sweep';

/** Askers at once, of each region and kind: few, so that all is found before the first lease expires. */
const ASKERS = 4;
/** More than there can be: a pool that never says no must not keep us for ever. */
const FOUND_MAX = 100_000;

/** Wait until nothing can be promised or in flight any more, then take every slot there is. */
export async function sweep(world: World): Promise<Sweep> {
  const { leaseTtlMs, beatMs, inFlightMs } = world.options;
  // A host that just came back while leases stood is recognised after the longest of these.
  await delay(2 * leaseTtlMs + 2 * beatMs + 2 * inFlightMs);
  const kinds: HostKind[] = world.signalingUrl === undefined ? ['game'] : ['streaming', 'game'];
  const until = world.nowMs() + leaseTtlMs;
  let found = 0;
  const takeAll = async (kind: HostKind, region: string) => {
    const wish = { kind, seats: 1, regions: [region], body: { kind, region } };
    while (found < FOUND_MAX && world.nowMs() < until && (await find(world, SWEEPER, wish))) found += 1;
  };
  const places = world.regions.flatMap((region) => kinds.map((kind) => ({ kind, region })));
  await Promise.all(
    places.flatMap(({ kind, region }) => Array.from({ length: ASKERS }, () => takeAll(kind, region))),
  );
  const books = [...world.books.hosts.values()];
  const missed = books.filter(
    ({ grants, slots }) => grants.filter(({ clientId }) => clientId === SWEEPER).length < slots,
  );
  return { slots: books.reduce((sum, { slots }) => sum + slots, 0), found, missed };
}
