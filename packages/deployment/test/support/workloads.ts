import { ofKind, type Labels, type Manifest } from './manifests.js';
import type { ServiceName } from './services.js';

/** What we look at of a container in Kubernetes. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly resources?: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
}

export interface Workload {
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly containers: readonly PodContainer[];
        readonly enableServiceLinks?: boolean;
        readonly automountServiceAccountToken?: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly topologySpreadConstraints?: readonly {
          readonly labelSelector: { readonly matchLabels: Labels };
        }[];
        readonly volumes?: readonly object[];
      };
    };
  };
}

/** A deployment of ours, its one container, and all the environment that this gets, but for secrets. */
export interface ServiceWorkload {
  readonly service: ServiceName;
  readonly workload: Manifest & Workload;
  readonly container: PodContainer;
  readonly settings: Readonly<Record<string, string>>;
}

export function servicesIn(manifests: readonly Manifest[]): ServiceWorkload[] {
  const maps = ofKind<{ data: Readonly<Record<string, string>> }>(manifests, 'ConfigMap');
  return ofKind<Workload>(manifests, 'Deployment').map((workload) => {
    const [container, ...more] = workload.spec.template.spec.containers;
    if (!container || more.length > 0) throw new Error(`${workload.metadata.name}: expected one container`);
    const names = (container.envFrom ?? []).map(({ configMapRef }) => configMapRef?.name);
    const data = maps.filter(({ metadata }) => names.includes(metadata.name)).map((map) => map.data);
    return {
      service: workload.metadata.name as ServiceName,
      workload,
      container,
      settings: Object.assign({}, ...data) as Readonly<Record<string, string>>,
    };
  });
}

/** Whether a selector means something with these labels. */
export const selects = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);
