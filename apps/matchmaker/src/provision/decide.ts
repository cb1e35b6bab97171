/** How many hosts a region may have, and when (settings `PROVISIONER_…`). */
export interface Policy {
  readonly slotsPerHost: number;
  /** Slots to keep free. */
  readonly buffer: number;
  readonly min: number;
  readonly max: number;
  readonly scaleDownAfterMs: number;
  readonly cooldownMs: number;
}

/** How a region is. */
export interface Facts {
  /** Hosts that heartbeat. */
  readonly hosts: number;
  /** Slots that can be promised now. */
  readonly free: number;
  /** Slots that are promised. */
  readonly leased: number;
  /** The greatest capacity of the hosts that were looked at. */
  readonly largest: number;
  /** Hosts that the platform is to have as things stand, whether they heartbeat or not. */
  readonly current: number;
}

/** What is remembered of a region from one look to the next. */
export interface Memory {
  /** Since when the region has been watched without a break. */
  readonly sinceMs: number;
  /** The last time that another number of hosts was asked for. */
  readonly changedAtMs: number;
  /** The last time that a host was seen which has more slots than the plan says. */
  readonly largerAtMs: number;
  /** What was needed, and until when that counts at least: each is less than the one before. */
  readonly needs: readonly { readonly atMs: number; readonly hosts: number }[];
}

/** Why there are to be as many hosts as there are to be. */
export type Reason =
  | 'enough'
  | 'more-needed'
  | 'more-needed-than-max'
  | 'below-min'
  | 'fewer-needed'
  | 'fewer-needed-but-too-soon'
  | 'fewer-needed-but-not-free'
  | 'hosts-larger-than-planned';

/** How many hosts a region is to have. */
export interface Decision {
  readonly desired: number;
  readonly reason: Reason;
  /** Slots of living hosts that nobody can be promised. */
  readonly used: number;
  readonly memory: Memory;
}

/** A region that nobody has watched before. */
export function forgotten(nowMs: number): Memory {
  const never = Number.NEGATIVE_INFINITY;
  return { sinceMs: nowMs, changedAtMs: never, largerAtMs: never, needs: [] };
}

/** Every slot of a living host that is not free counts as used, whatever the reason: it cannot be promised. */
function usedSlots({ slotsPerHost }: Policy, { hosts, free, leased }: Facts): number {
  return Math.max(leased, hosts * slotsPerHost - free, 0);
}

/** The needs of the last window; one that is not above a later one never counts again. */
function remember(policy: Policy, { needs }: Memory, hosts: number, nowMs: number): Memory['needs'] {
  const from = nowMs - policy.scaleDownAfterMs;
  return [...needs.filter((need) => need.atMs >= from && need.hosts > hosts), { atMs: nowMs, hosts }];
}

/** Whether hosts have more slots than we are told: then one that is in use may look idle. */
function areLarger({ slotsPerHost }: Policy, { hosts, free, largest }: Facts): boolean {
  return largest > slotsPerHost || free > hosts * slotsPerHost;
}

/** How many hosts can go and leave the buffer, by what is known to be free. */
function spare({ slotsPerHost, buffer }: Policy, { free }: Facts): number {
  return Math.max(0, Math.floor((free - buffer) / slotsPerHost));
}

/**
 * How many hosts a region is to have: as many as its used slots and the buffer fill, within `min` and `max`. More at
 * once; fewer only when none of them was needed and none larger than planned for the whole window, the cooldown is over, and
 * as many are known to be free. What is known is what heartbeats: where nobody does, nothing is given back. Pure; `nowMs` is
 * of any clock that only goes forward.
 */
export function decide(policy: Policy, facts: Facts, memory: Memory, nowMs: number): Decision {
  const used = usedSlots(policy, facts);
  const wanted = Math.ceil((used + policy.buffer) / policy.slotsPerHost);
  const need = Math.min(policy.max, Math.max(policy.min, wanted));
  const needs = remember(policy, memory, need, nowMs);
  const largerAtMs = areLarger(policy, facts) ? nowMs : memory.largerAtMs;
  const answer = (desired: number, reason: Reason): Decision => ({
    desired,
    reason,
    used,
    memory: { ...memory, largerAtMs, needs },
  });
  const { current } = facts;
  if (need > current) {
    if (wanted > policy.max) return answer(need, 'more-needed-than-max');
    return answer(need, wanted > current ? 'more-needed' : 'below-min');
  }
  if (need === current) return answer(current, wanted > policy.max ? 'more-needed-than-max' : 'enough');
  const since = Math.max(memory.sinceMs + policy.scaleDownAfterMs, memory.changedAtMs + policy.cooldownMs);
  const needed = needs[0]?.hosts ?? need;
  if (nowMs < since || needed >= current) return answer(current, 'fewer-needed-but-too-soon');
  // Only some of the hosts are looked at each time.
  if (nowMs - largerAtMs <= policy.scaleDownAfterMs) return answer(current, 'hosts-larger-than-planned');
  const desired = Math.max(needed, current - spare(policy, facts));
  // Somebody else has asked for more hosts than we may: those in use stay, and we never ask for as many.
  if (desired === current || desired > policy.max) return answer(current, 'fewer-needed-but-not-free');
  return answer(desired, 'fewer-needed');
}
