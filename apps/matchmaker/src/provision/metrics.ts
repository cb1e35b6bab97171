import type { Metrics } from '@parley/runtime';
import { FAILURES, type Driver, type FailureKind } from './driver.js';

/** A region's hosts, as the provisioner sees them. */
export interface HostNumbers {
  /** Hosts that heartbeat. */
  readonly living: number;
  /** Hosts that the platform was told to have. */
  readonly current: number;
  readonly desired: number;
  readonly max: number;
}

/** What operators see of the provisioner. Regions are those of its settings, so there are at most 100. */
export class ProvisionMetrics {
  readonly #leads;
  readonly #hosts;
  readonly #changes;
  readonly #errors;

  constructor(metrics: Metrics) {
    this.#leads = metrics.gauge('provisioner_leads', 'This instance is the provisioner (1) or not (0)');
    this.#hosts = metrics.gaugeBy(
      'provisioner_hosts',
      'Hosts of a region: living, current (asked for so far), desired, max; told by the provisioner',
      ['region', 'what'],
    );
    this.#changes = metrics.counter(
      'provisioner_changes_total',
      'Times that another number of hosts was asked for',
      ['region', 'direction'],
    );
    this.#errors = metrics.counter('provisioner_errors_total', 'Requests for hosts that failed', [
      'driver',
      'kind',
    ]);
  }

  /** Its failures begin at 0: Prometheus sees no growth in a series that begins at 1. */
  begins(driver: Driver['name']): void {
    for (const kind of FAILURES) this.#errors.inc({ driver, kind }, 0);
  }

  /** It is the one that leads, or is not: then it says nothing of hosts. */
  leads(isLeading: boolean): void {
    this.#leads.set(isLeading ? 1 : 0);
    if (!isLeading) this.#hosts.reset();
  }

  show(region: string, numbers: HostNumbers): void {
    for (const [what, hosts] of Object.entries(numbers)) this.#hosts.set({ region, what }, hosts);
  }

  changed(region: string, direction: 'up' | 'down'): void {
    this.#changes.inc({ region, direction });
  }

  failed(driver: Driver['name'], kind: FailureKind): void {
    this.#errors.inc({ driver, kind });
  }
}
