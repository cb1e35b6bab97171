import { z } from 'zod';
import type { SettingIssue } from '../settings.js';
import { integer, isHeaderText, url, word } from '../values.js';
import { regionPlans } from './provisioner-regions.js';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Keeps free slots in each region by asking a platform for hosts (docs/operating/autoscaling.md). */
export const provisionerSettings = {
  PROVISIONER: word(['off', 'webhook', 'kubernetes'])
    .default('off')
    .describe('who is asked for hosts, so that each region keeps its buffer of free slots'),
  PROVISIONER_REGIONS: regionPlans()
    .optional()
    .describe(
      'JSON: for each region `buffer` (slots to keep free), `max` and `min` (hosts), `slotsPerHost` (the capacity that hosts report; 1) and, for Kubernetes, `target` (`deployments/NAMESPACE/NAME` or `fleets/NAMESPACE/NAME`)',
    ),
  PROVISIONER_INTERVAL_MS: integer('milliseconds', 50, 3_600_000)
    .default(5_000)
    .describe('time between two looks at the regions; one matchmaker does it'),
  PROVISIONER_SCALE_DOWN_AFTER_SECONDS: integer('seconds', 0, 86_400)
    .default(300)
    .describe('hosts are given back when they were not needed for this long'),
  PROVISIONER_COOLDOWN_SECONDS: integer('seconds', 0, 86_400)
    .default(60)
    .describe(
      'least time from any change of a region to giving hosts back; a webhook is reminded this often',
    ),
  PROVISIONER_TIMEOUT_MS: integer('milliseconds', 50, 60_000)
    .default(3_000)
    .describe('longest wait for one answer of the webhook or of Kubernetes'),
  PROVISIONER_WEBHOOK_URL: url(['http', 'https'])
    .optional()
    .describe('where the number of hosts of a region is posted'),
  PROVISIONER_WEBHOOK_AUTH: word(['bearer', 'hmac'])
    .default('bearer')
    .describe('how the webhook knows us: by the secret itself, or by a signature made with it'),
  PROVISIONER_WEBHOOK_SECRET: z
    .string()
    .refine(isHeaderText, 'expected text without ends of lines, of Latin-1')
    .optional()
    .describe('what we prove ourselves with to the webhook; required in production'),
  PROVISIONER_KUBERNETES_URL: url(['http', 'https'], { bare: true })
    .default('https://kubernetes.default.svc')
    .describe('the API server'),
  PROVISIONER_KUBERNETES_TOKEN_FILE: z
    .string()
    .default(`${SERVICE_ACCOUNT}/token`)
    .describe("the service account's token; read anew for each request, since it rotates"),
  PROVISIONER_KUBERNETES_CA_FILE: z
    .string()
    .default(`${SERVICE_ACCOUNT}/ca.crt`)
    .describe('the certificate authority of the API server; read anew as well'),
};

export type ProvisionerConfig = Readonly<z.output<z.ZodObject<typeof provisionerSettings>>>;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function isPlain(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !LOOPBACK.test(hostname);
}

/** What is missing of the provisioner that is asked for: without it, it stays off. */
export function incompleteProvisioner(config: ProvisionerConfig): SettingIssue[] {
  const { PROVISIONER, PROVISIONER_REGIONS: regions, PROVISIONER_WEBHOOK_URL } = config;
  if (PROVISIONER === 'off') return [];
  const issues: SettingIssue[] = [];
  const miss = (variable: string, expected: string) => issues.push({ variable, expected });
  if (!regions)
    miss('PROVISIONER_REGIONS', `expected a plan for each region beside PROVISIONER=${PROVISIONER}`);
  if (PROVISIONER === 'webhook' && PROVISIONER_WEBHOOK_URL === undefined)
    miss('PROVISIONER_WEBHOOK_URL', 'expected a URL beside PROVISIONER=webhook');
  for (const [region, { target }] of PROVISIONER === 'kubernetes' ? (regions ?? []) : [])
    if (!target) miss('PROVISIONER_REGIONS', `in region ${JSON.stringify(region)}: expected a target`);
  return issues;
}

/** Refuse a provisioner that would stay off, whom anybody could speak for, and whose secret anybody could read. */
export function refuseUnusableProvisioner(config: ProvisionerConfig): SettingIssue[] {
  const { PROVISIONER, PROVISIONER_WEBHOOK_URL: webhook = 'https://none' } = config;
  const issues = incompleteProvisioner(config);
  const refuse = (variable: string, expected: string) =>
    issues.push({ variable, expected: `in production, ${expected}` });
  if (PROVISIONER === 'webhook' && config.PROVISIONER_WEBHOOK_SECRET === undefined)
    refuse('PROVISIONER_WEBHOOK_SECRET', 'expected a secret that the webhook knows');
  if (PROVISIONER === 'webhook' && config.PROVISIONER_WEBHOOK_AUTH === 'bearer' && isPlain(webhook))
    refuse('PROVISIONER_WEBHOOK_URL', 'expected an https:// URL, or PROVISIONER_WEBHOOK_AUTH=hmac');
  if (PROVISIONER === 'kubernetes' && isPlain(config.PROVISIONER_KUBERNETES_URL))
    refuse('PROVISIONER_KUBERNETES_URL', 'expected an https:// URL');
  return issues;
}
