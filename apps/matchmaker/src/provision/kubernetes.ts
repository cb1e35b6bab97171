import type { ProvisionerConfig, ScaleTarget } from '@parley/config';
import { z } from 'zod';
import type { Driver, Failure, Reading } from './driver.js';
import { failure, refusal, type Ask, type PlatformAnswer } from './request.js';
import { ServiceAccount } from './service-account.js';

type KubernetesConfig = Pick<
  ProvisionerConfig,
  | 'PROVISIONER_KUBERNETES_URL'
  | 'PROVISIONER_KUBERNETES_TOKEN_FILE'
  | 'PROVISIONER_KUBERNETES_CA_FILE'
  | 'PROVISIONER_TIMEOUT_MS'
>;

/** API groups of what has the `scale` subresource. */
const GROUPS = { deployments: 'apps/v1', fleets: 'agones.dev/v1' } as const;

/** As much of an `autoscaling/v1` Scale as we use. No `replicas` in a `spec` means none: zero is left out. */
const scale = z.object({
  kind: z.literal('Scale'),
  metadata: z.object({ resourceVersion: z.string().min(1) }),
  spec: z.object({ replicas: z.number().int().min(0).default(0) }),
});

/** What the API server says of its refusal, shortened. */
const status = z.object({ message: z.string() });
const MESSAGE_MAX_LENGTH = 300;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function refusalOf({ status: code, body }: PlatformAnswer): Failure {
  const said = status.safeParse(parsed(body));
  return refusal(code, said.success ? said.data.message.slice(0, MESSAGE_MAX_LENGTH) : 'without a reason');
}

function readingOf({ body }: PlatformAnswer): Reading | Failure {
  const read = scale.safeParse(parsed(body));
  if (!read.success) return failure('invalid', 'the answer is no Scale of autoscaling/v1');
  const { metadata, spec } = read.data;
  return { outcome: 'read', current: spec.replicas, version: metadata.resourceVersion };
}

/**
 * Sets the replicas of a Deployment or an Agones Fleet through its `scale` subresource. A write names the version that
 * was read: where anybody has written since, the API server refuses it (409), and it is all done again.
 */
export function createKubernetes(config: KubernetesConfig, ask: Ask): Driver & { close(): void } {
  const server = config.PROVISIONER_KUBERNETES_URL.replace(/\/$/, '');
  const account = new ServiceAccount(
    { tokenFile: config.PROVISIONER_KUBERNETES_TOKEN_FILE, caFile: config.PROVISIONER_KUBERNETES_CA_FILE },
    server.startsWith('https:'),
  );

  async function once(path: string, body: string | undefined, signal: AbortSignal) {
    const timeoutMs = config.PROVISIONER_TIMEOUT_MS;
    let credentials;
    try {
      credentials = await account.credentials();
    } catch (error) {
      return failure('unauthorized', (error as Error).message);
    }
    const headers = {
      Accept: 'application/json',
      Authorization: `Bearer ${credentials.token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    const [url, method] = [server + path, body === undefined ? 'GET' : 'PUT'] as const;
    const { agent } = credentials;
    return ask({ url, method, headers, timeoutMs, agent, signal, ...(body !== undefined && { body }) });
  }

  async function call(
    { kind, namespace, name }: ScaleTarget,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<PlatformAnswer | Failure> {
    const path = `/apis/${GROUPS[kind]}/namespaces/${namespace}/${kind}/${name}/scale`;
    const first = await once(path, body, signal);
    // The token may have been replaced between our reading it and the server's.
    const answer =
      first.outcome === 'answered' && first.status === 401 ? await once(path, body, signal) : first;
    return answer.outcome === 'answered' && answer.status !== 200 ? refusalOf(answer) : answer;
  }

  return {
    name: 'kubernetes',
    remind: false,
    async read({ plan }, signal) {
      const answer = await call(targetOf(plan), undefined, signal);
      return answer.outcome === 'answered' ? readingOf(answer) : answer;
    },
    async write({ desired }, { plan, reading }, signal) {
      const target = targetOf(plan);
      const { name, namespace } = target;
      const body = {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name, namespace, resourceVersion: reading.version },
        spec: { replicas: desired },
      };
      const answer = await call(target, JSON.stringify(body), signal);
      return answer.outcome === 'answered' ? { outcome: 'written' } : answer;
    },
    close: () => account.close(),
  };
}

function targetOf({ target }: { readonly target?: ScaleTarget | undefined }): ScaleTarget {
  if (!target) throw new Error('a region without a target, which the settings refuse');
  return target;
}
