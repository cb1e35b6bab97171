import { setTimeout as wait } from 'node:timers/promises';
import type { RegionPlan } from '@parley/config';
import { RedisUnavailableError, type ProvisionStore, type RegionSight } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';
import { decide, forgotten, type Decision, type Memory, type Policy, type Reason } from './decide.js';
import type { Driver, Failure, Order, Reading } from './driver.js';
import type { ProvisionMetrics } from './metrics.js';

/** How often one look tries, and how long it waits after the first failure; twice as long after each more. */
const TRIES = 3;
const BACKOFF_MS = 200;

/** Why a region has not as many hosts as it would: what an operator may want to change. */
const HELD_BACK = new Set<Reason>([
  'more-needed-than-max',
  'fewer-needed-but-not-free',
  'hosts-larger-than-planned',
]);

/** What all regions are watched with. */
export interface WatchDeps {
  readonly store: Pick<ProvisionStore, 'look' | 'confirm'>;
  readonly driver: Driver;
  readonly metrics: ProvisionMetrics;
  readonly logger: Logger;
  /** A platform that cannot be asked is told again after this long. */
  readonly remindMs: number;
}

/** What is known of a region in one term: a new one begins with nothing. */
interface Term {
  readonly name: string;
  memory: Memory;
  /** What the platform took last, and when. */
  accepted: { readonly hosts: number; readonly atMs: number } | undefined;
  orders: number;
}

/** Looks at one region again and again, and has its number of hosts changed. */
export class RegionWatch {
  #term: Term | undefined;
  #looking: Promise<void> | undefined;
  #complaint: string | undefined;
  #explained: Reason | undefined;

  constructor(
    private readonly region: string,
    private readonly plan: RegionPlan,
    private readonly policy: Policy,
    private readonly deps: WatchDeps,
  ) {}

  /** Look once, unless a look is under way: a slow platform holds up nobody else. */
  look(term: string, signal: AbortSignal): void {
    if (this.#term?.name !== term)
      this.#term = { name: term, memory: forgotten(performance.now()), accepted: undefined, orders: 0 };
    this.#looking ??= this.#look(this.#term, signal).finally(() => (this.#looking = undefined));
  }

  /** Another one leads, or nobody. */
  forget(): void {
    this.#term = undefined;
  }

  /** Another one leads. @throws RedisUnavailableError */
  async follow(): Promise<void> {
    await this.deps.driver.follow?.(this.region);
  }

  /** When no look is under way any more. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async #look(term: Term, signal: AbortSignal): Promise<void> {
    try {
      const failure = await this.#tryOften(term, signal);
      if (!signal.aborted) this.#tell(failure);
    } catch (error) {
      this.#lostSight(term);
      // An outage is logged by the connection, once.
      if (!(error instanceof RedisUnavailableError))
        this.deps.logger.error({ err: error, region: this.region }, 'provisioning failed');
    }
  }

  /** @returns how the last try failed, or undefined */
  async #tryOften(term: Term, signal: AbortSignal): Promise<Failure | undefined> {
    let order: Order | undefined;
    for (let tries = 1; ; tries += 1) {
      const sight = await this.#see(term, signal);
      let failure = sight.outcome === 'failed' ? sight : undefined;
      if (sight.outcome === 'seen') {
        if (order?.desired !== sight.decision.desired) order = this.#order(term, sight);
        if (order) failure = await this.#send(term, order, sight, signal);
      }
      if (!failure || signal.aborted) return undefined;
      this.deps.metrics.failed(this.deps.driver.name, failure.kind);
      if (!failure.retry || tries === TRIES) {
        if (sight.outcome === 'failed') this.#lostSight(term);
        return failure;
      }
      const delayMs = BACKOFF_MS * 2 ** (tries - 1) * (0.5 + Math.random());
      await wait(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** How the region is, and how many hosts it is to have. */
  async #see(term: Term, signal: AbortSignal): Promise<Sight> {
    const { store, driver, metrics } = this.deps;
    const counted = await store.look(this.region);
    // Slots that are held back for leases which Redis has lost are no reason to ask for more of them.
    if (counted.isUnsettled) return { outcome: 'unknown' };
    const watchedMs = performance.now() - term.memory.sinceMs;
    const situation = { region: this.region, plan: this.plan, hosts: counted.hosts, watchedMs };
    const reading = await driver.read(situation, signal);
    if (reading.outcome !== 'read') return reading;
    const { hosts, leased, largest } = counted;
    const free = counted.free.streaming + counted.free.game;
    const facts = { hosts, leased, free, largest, current: reading.current };
    const decision = decide(this.policy, facts, term.memory, performance.now());
    term.memory = decision.memory;
    const { current } = reading;
    const shown = { living: hosts, current, desired: decision.desired, max: this.policy.max };
    if (this.#term === term) metrics.show(this.region, shown);
    if (decision.desired === current) this.#explain(decision.reason, current);
    return { outcome: 'seen', counted, free, reading, decision };
  }

  /** What the platform has to be told, if anything. */
  #order(term: Term, { counted, free, reading, decision }: Seen): Order | undefined {
    const { desired, reason, used } = decision;
    const { hosts } = counted;
    const { current } = reading;
    if (desired === current && !this.#mustRemind(term, desired, hosts)) return undefined;
    term.orders += 1;
    const [{ region }, { name, orders: number }] = [this, term];
    return { region, desired, current, hosts, used, free, reason, term: name, number };
  }

  #mustRemind({ accepted }: Term, desired: number, hosts: number): boolean {
    if (!this.deps.driver.remind || desired > this.policy.max) return false;
    if (accepted?.hosts !== desired) return true;
    return hosts !== desired && performance.now() - accepted.atMs >= this.deps.remindMs;
  }

  async #send(
    term: Term,
    order: Order,
    { reading }: Seen,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    // After the reading: a successor that wrote since then has changed the version, and one that writes later is later.
    if (!(await this.deps.store.confirm(term.name, this.region, order.desired))) return undefined;
    const written = await this.deps.driver.write(order, { plan: this.plan, reading }, signal);
    if (written.outcome === 'failed') return written;
    this.#accept(term, order);
    return undefined;
  }

  #accept(term: Term, { desired, current, reason }: Order): void {
    const before = term.accepted?.hosts ?? current;
    term.accepted = { hosts: desired, atMs: performance.now() };
    if (before === desired) return;
    this.#explained = undefined;
    term.memory = { ...term.memory, changedAtMs: performance.now() };
    this.deps.metrics.changed(this.region, desired > before ? 'up' : 'down');
    const { region } = this;
    this.deps.logger.info({ region, from: before, to: desired, reason, term: term.name }, 'hosts asked for');
  }

  /** What happened meanwhile is not known: before hosts are given back, the region is watched anew. */
  #lostSight(term: Term): void {
    term.memory = { ...forgotten(performance.now()), changedAtMs: term.memory.changedAtMs };
  }

  /** A reason is logged once until the number changes. */
  #explain(reason: Reason, current: number): void {
    if (!HELD_BACK.has(reason) || reason === this.#explained) return;
    this.#explained = reason;
    this.deps.logger.info({ region: this.region, reason, current }, 'hosts stay as they are');
  }

  /** Each kind of failure is logged when it begins, and its end. */
  #tell(failure: Failure | undefined): void {
    if (failure?.kind === this.#complaint) return;
    this.#complaint = failure?.kind;
    const { region, deps } = this;
    const { logger, driver } = deps;
    if (!failure) logger.info({ region, driver: driver.name }, 'hosts can be asked for again');
    else {
      const { kind, detail } = failure;
      logger.warn({ region, driver: driver.name, kind, detail }, 'hosts could not be asked for');
    }
  }
}

/** A region as it was seen. */
interface Seen {
  readonly outcome: 'seen';
  readonly counted: RegionSight;
  readonly free: number;
  readonly reading: Reading;
  readonly decision: Decision;
}

type Sight = Seen | { readonly outcome: 'unknown' } | Failure;
