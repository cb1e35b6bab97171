import { createHmac } from 'node:crypto';
import type { ProvisionerConfig } from '@parley/config';
import type { Driver, Order } from './driver.js';
import { refusal, type Ask } from './request.js';

type WebhookConfig = Pick<
  ProvisionerConfig,
  | 'PROVISIONER_WEBHOOK_URL'
  | 'PROVISIONER_WEBHOOK_AUTH'
  | 'PROVISIONER_WEBHOOK_SECRET'
  | 'PROVISIONER_TIMEOUT_MS'
>;

/** What it needs beside its settings. */
export interface WebhookDeps {
  readonly ask: Ask;
  /** How many hosts it was last told that a region is to have. */
  readonly told: (region: string) => Promise<number | undefined>;
  /** All living hosts have heartbeaten within this time. */
  readonly hostTtlMs: number;
}

/** `X-Parley-Signature` over the time and the body, so that neither an old message nor another one passes for it. */
export function signature(secret: string, at: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}

function proof(config: WebhookConfig, body: string): Record<string, string> {
  const secret = config.PROVISIONER_WEBHOOK_SECRET;
  if (secret === undefined) return {};
  if (config.PROVISIONER_WEBHOOK_AUTH === 'bearer') return { Authorization: `Bearer ${secret}` };
  const at = String(Math.floor(Date.now() / 1000));
  return { 'X-Parley-Timestamp': at, 'X-Parley-Signature': signature(secret, at, body) };
}

function bodyOf({ number, ...order }: Order): { id: string; body: string } {
  const id = `${encodeURIComponent(order.region)}/${order.term}/${number}`;
  return { id, body: JSON.stringify({ id, ...order, term: Number(order.term), number }) };
}

/** For how long a number is worth knowing that Redis has lost. */
const REMEMBER_MS = 3_600_000;

/** What Redis says of each region that a webhook was told, and what it said when it has lost that. */
class Told {
  readonly #last = new Map<string, { readonly hosts: number; readonly atMs: number }>();

  constructor(private readonly read: WebhookDeps['told']) {}

  async inRedis(region: string): Promise<number | undefined> {
    const hosts = await this.read(region);
    if (hosts !== undefined) this.#last.set(region, { hosts, atMs: performance.now() });
    return hosts;
  }

  lately(region: string): number | undefined {
    const last = this.#last.get(region);
    return last && performance.now() - last.atMs < REMEMBER_MS ? last.hosts : undefined;
  }
}

/**
 * Posts how many hosts a region is to have. It cannot be asked how many it has: that is what it was told last or, where
 * nobody knows, what heartbeats once every living host has had the time to.
 */
export function createWebhook(config: WebhookConfig, { ask, told: read, hostTtlMs }: WebhookDeps): Driver {
  const url = config.PROVISIONER_WEBHOOK_URL ?? '';
  const told = new Told(read);
  return {
    name: 'webhook',
    remind: true,
    async follow(region) {
      await told.inRedis(region);
    },
    async read({ region, hosts, watchedMs }) {
      const current = await told.inRedis(region);
      if (current !== undefined) return { outcome: 'read', current };
      const lately = told.lately(region);
      // Hosts that are silent now may be in use all the same.
      if (lately !== undefined) return { outcome: 'read', current: Math.max(lately, hosts) };
      return watchedMs < hostTtlMs ? { outcome: 'unknown' } : { outcome: 'read', current: hosts };
    },
    async write(order, _target, signal) {
      const { id, body } = bodyOf(order);
      const headers = {
        'Content-Type': 'application/json',
        'Idempotency-Key': id,
        ...proof(config, body),
      };
      const timeoutMs = config.PROVISIONER_TIMEOUT_MS;
      const answer = await ask({ url, method: 'POST', headers, body, timeoutMs, signal });
      if (answer.outcome === 'failed') return answer;
      const isDone = answer.status >= 200 && answer.status < 300;
      return isDone ? { outcome: 'written' } : refusal(answer.status, 'the webhook did not take it');
    },
  };
}
