import { z } from 'zod';

/** Regions that may be provisioned: each is a series of metrics and a request a round. */
const REGIONS_MAX = 100;
const HOSTS_MAX = 100_000;

/** A name in Kubernetes (RFC 1123). It becomes part of a path. */
const NAME = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const TARGET = new RegExp(`^(deployments|fleets)/(${NAME})/(${NAME}(?:\\.${NAME})*)$`);

const count = (what: string, min: number, max: number) => {
  const error = `expected ${what}, a whole number from ${min} to ${max}`;
  return z.number({ error }).int(error).min(min, error).max(max, error);
};

/** What is scaled for a region: an apps/v1 Deployment or an Agones Fleet. */
export interface ScaleTarget {
  readonly kind: 'deployments' | 'fleets';
  readonly namespace: string;
  readonly name: string;
}

const target = z
  .string({ error: 'expected text' })
  .regex(TARGET, 'expected deployments/NAMESPACE/NAME or fleets/NAMESPACE/NAME')
  .transform((text): ScaleTarget => {
    const [kind, namespace = '', name = ''] = text.split('/');
    return { kind: kind as ScaleTarget['kind'], namespace, name };
  });

const plan = z
  .strictObject(
    {
      target: target.optional(),
      slotsPerHost: count('the capacity that each host reports', 1, 10_000).default(1),
      buffer: count('free slots to keep', 0, 1_000_000),
      min: count('the fewest hosts', 0, HOSTS_MAX).default(0),
      max: count('the most hosts', 1, HOSTS_MAX),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `knows no ${issue.keys.join(', ')}; expected target, slotsPerHost, buffer, min, max`
          : 'expected an object with buffer and max',
    },
  )
  .refine(({ min, max }) => min <= max, 'expected min to be at most max')
  // Such a region would have all of its hosts at all times.
  .refine(
    ({ buffer, max, slotsPerHost }) => buffer <= max * slotsPerHost,
    'expected buffer to be at most max * slotsPerHost',
  );

/** How many hosts one region may have, and what is free of them at any time. */
export type RegionPlan = Readonly<z.output<typeof plan>>;

/** As in a heartbeat: what is longer names no region. */
const regionName = z.string().min(1).max(64);

const plans = z.record(regionName, plan);

/** Two regions with one target would undo each other's work. */
function sharedTarget(found: ReadonlyMap<string, RegionPlan>): string | undefined {
  const seen = new Set<string>();
  for (const { target: scaled } of found.values()) {
    const spelt = scaled && Object.values(scaled).join('/');
    if (spelt !== undefined && seen.has(spelt)) return spelt;
    if (spelt !== undefined) seen.add(spelt);
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first thing that is wrong, with the region and field that it is in. */
function complaint(error: z.ZodError): string {
  const [issue] = error.issues;
  const [region, field] = issue?.path ?? [];
  if (region === undefined) return 'expected JSON such as {"eu":{"buffer":4,"max":20}}';
  if (issue?.code === 'invalid_key') return 'expected names of regions with 1 to 64 characters';
  return `in region ${JSON.stringify(region)}${field === undefined ? '' : `, ${String(field)}`}: ${issue?.message}`;
}

/** Plans by region, from JSON. */
export const regionPlans = () =>
  z.string().transform((text, context): ReadonlyMap<string, RegionPlan> => {
    const read = plans.safeParse(parse(text));
    const found = new Map(Object.entries(read.data ?? {}));
    const fits = found.size > 0 && found.size <= REGIONS_MAX;
    const shared = sharedTarget(found);
    if (read.success && fits && shared === undefined) return found;
    const twice = `expected a target of its own for each region: ${shared} has several`;
    const message = read.success
      ? fits
        ? twice
        : `expected 1 to ${REGIONS_MAX} regions`
      : complaint(read.error);
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
