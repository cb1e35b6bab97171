// What can happen to a pool, for the property test: to the model, to the real one, and how the two are compared.

import type { AsyncCommand } from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  OverviewStore,
  PoolStore,
  reportPresence,
  type AllocationResult,
  type RedisConnection,
  type Strategy,
} from '../src/index.js';
import type { ModelHost } from './pool-model.js';
import { STREAMING } from './pool-support.js';

const TIMES = { HOST_TTL_SECONDS: 3_600, LEASE_TTL_SECONDS: 3_600 };
/** Over once a command with it has waited for as long. */
const MOMENT_MS = 2;

export interface Model {
  readonly hosts: readonly ModelHost[];
}

/** The pool under test, as two matchmakers see it. */
export class Real {
  readonly pool: PoolStore;
  /** Heartbeats through this one are the last for its hosts: they count as dead a moment later. */
  readonly last: PoolStore;

  constructor(
    readonly redis: RedisConnection,
    hosts: readonly ModelHost[],
  ) {
    const bindHost = (roomId: string) => {
      const host = hosts.find(({ hostId }) => roomId === `room-${hostId}`);
      return host ? Promise.resolve(host.presence()) : Promise.reject(new Error(`no host has ${roomId}`));
    };
    this.pool = new PoolStore(redis, TIMES, { bindHost });
    this.last = new PoolStore(redis, { ...TIMES, HOST_TTL_SECONDS: MOMENT_MS / 1_000 }, { bindHost });
  }
}

/** After each step the pool knows of each living host what the model knows, and no host is over its capacity. */
async function compare({ hosts }: Model, { pool, redis }: Real): Promise<void> {
  const page = await pool.listHosts({ limit: 100 });
  const found = (page?.hosts ?? []).map(({ hostId, region, free, leases, sessions }) => ({
    hostId,
    region,
    free,
    leases,
    sessions,
  }));
  const expected = hosts
    .filter(({ alive }) => alive)
    .map(({ hostId, region, free, leased, sessions }) => ({
      hostId,
      region,
      free,
      leases: leased,
      sessions,
    }));
  expect(found).toHaveLength(expected.length);
  expect(found).toEqual(expect.arrayContaining(expected));
  await recount(redis, found);
}

interface Counted {
  readonly region: string;
  readonly free: number;
}

/** The overview's running totals are what counting comes to. */
async function recount(redis: RedisConnection, living: readonly Counted[]): Promise<void> {
  const { regions } = await new OverviewStore(redis).read();
  for (const { region, hosts, free, leased } of regions) {
    const here = living.filter((host) => host.region === region);
    const key = redis.keys.pool.leaseHosts(region);
    const leases = await redis.command('recount', (client) => client.hvals(key));
    const seats = leases.map((text) => Number.parseInt(text, 10));
    const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
    expect({ region, hosts, free, leased }).toEqual({
      region,
      hosts: here.length,
      free: { streaming: sum(here.map((host) => host.free)), game: 0 },
      leased: sum(seats),
    });
  }
}

/** One thing that happens: what it does to the model, and to the pool. */
abstract class Step implements AsyncCommand<Model, Real> {
  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    await compare(model, real);
  }

  abstract act(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

type HostChange = (host: ModelHost, real: Real, number: number) => Promise<void> | void;

const showRoom = async (host: ModelHost, { redis }: Real) => {
  host.version++;
  const presence = host.presence();
  await reportPresence(redis, presence);
  host.shown();
};

const heartbeat = async (host: ModelHost, { pool }: Real) => {
  await pool.heartbeat(host.report());
  host.heard();
};

/** What can happen to one host. */
export const CHANGES: Record<string, HostChange> = {
  heartbeat,
  async becomesBusy(host, real) {
    host.status = host.status === 'idle' ? 'busy' : 'idle';
    await heartbeat(host, real);
  },
  async isSetStatus(host, { pool }, number) {
    const status = number % 2 === 0 ? 'allocated' : 'idle';
    expect(await pool.setStatus(host.hostId, status)).toBe(host.alive);
    if (host.alive) host.status = status;
  },
  async servesOthers(host, real, number) {
    host.others = number % (host.capacity + 1);
    await heartbeat(host, real);
  },
  async moves(host, real) {
    host.region = host.region === 'eu' ? 'us' : 'eu';
    // Where it comes to, it is a host that the region does not know; its leases come along.
    host.alive = false;
    await heartbeat(host, real);
  },
  async entersOrLeavesItsRoom(host, real) {
    host.inRoom = !host.inRoom;
    await showRoom(host, real);
  },
  async getsAClient(host, real) {
    if (host.clients.length >= host.capacity) return;
    host.clients.push(host.newClient());
    await showRoom(host, real);
  },
  async losesAClient(host, real, number) {
    host.clients.splice(number % Math.max(1, host.clients.length), 1);
    await showRoom(host, real);
  },
  async dies(host, { last }) {
    await last.heartbeat(host.report());
    host.heard();
    await delay(MOMENT_MS + 1);
    host.alive = false;
  },
  async saysGoodbye(host, { pool }) {
    expect(await pool.removeHost(host.hostId)).toBe(host.alive);
    host.alive = false;
  },
  async givesALeaseBack(host, { pool }, number) {
    const lease = host.leases[number % Math.max(1, host.leases.length)];
    if (!lease || !host.alive) return;
    expect(await pool.release({ region: host.region, leaseId: lease.leaseId })).toBe(true);
    expect(await pool.release({ region: host.region, leaseId: lease.leaseId })).toBe(false);
    host.leases = host.leases.filter((each) => each !== lease);
  },
};

/** One of `CHANGES` happens to one host. */
export class HostStep extends Step {
  constructor(
    private readonly host: number,
    private readonly what: string,
    private readonly number: number,
  ) {
    super();
  }

  async act({ hosts }: Model, real: Real): Promise<void> {
    const host = hosts[this.host % hosts.length];
    if (host) await CHANGES[this.what]?.(host, real, this.number);
  }

  toString = () => `host ${this.host} ${this.what}(${this.number})`;
}

/** None is right only where nobody fits, and a host only if it fits. */
function checkChoice(result: AllocationResult, fitting: readonly ModelHost[]): ModelHost | undefined {
  const names = fitting.map(({ hostId }) => hostId);
  if (result.outcome === 'none') expect(names).toEqual([]);
  else expect(names).toContain(result.hostId);
  return fitting.find(({ hostId }) => result.outcome === 'leased' && hostId === result.hostId);
}

/** A client asks for seats, and comes, or never does. */
export class FindStep extends Step {
  constructor(
    private readonly seats: number,
    private readonly strategy: Strategy,
    private readonly regions: readonly string[] | undefined,
    private readonly expires: boolean,
  ) {
    super();
  }

  async act({ hosts }: Model, { pool }: Real): Promise<void> {
    const { seats, strategy, regions, expires } = this;
    const fits = ({ free, region }: ModelHost) => free >= seats && (regions?.includes(region) ?? true);
    const fitting = hosts.filter(fits);
    const leaseTtlMs = expires ? MOMENT_MS : undefined;
    const result = await pool.allocate({ ...STREAMING, seats, strategy, regions, leaseTtlMs });
    const host = checkChoice(result, fitting);
    if (result.outcome === 'none') return;
    if (!expires) host?.leases.push({ leaseId: result.leaseId, seats });
    else {
      await delay(MOMENT_MS + 1);
      // Any script of the region retires it.
      await pool.release({ region: result.region, leaseId: 'none' });
    }
  }

  toString = () =>
    `find(${this.seats}, ${this.strategy}, ${this.regions?.join('+') ?? 'any'}${this.expires ? ', never joins' : ''})`;
}
