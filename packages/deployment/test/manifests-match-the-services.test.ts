import { loadConfig } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { findKustomize, ofKind, OVERLAYS, render, type Labels, type Manifest } from './support/manifests.js';
import {
  ALL_VARIABLES,
  defaultPort,
  isSecret,
  PROBES,
  SERVICES,
  SETTINGS,
  variablesOf,
} from './support/services.js';
import { read } from './support/root.js';
import { selects, servicesIn, type ServiceWorkload, type Workload } from './support/workloads.js';

const kubectl = await findKustomize();
const why = kubectl.ok ? '' : ` (skipped, no kubectl: ${kubectl.reason})`;

const portOf = ({ container }: ServiceWorkload, name: string) =>
  container.ports?.find((port) => port.name === name)?.containerPort;

describe.skipIf(!kubectl.ok).each(OVERLAYS)(`k8s/%s${why}`, async (folder) => {
  const manifests: Manifest[] = kubectl.ok ? (await render(kubectl, folder)).manifests : [];
  const services = servicesIn(manifests);
  const workloads = [
    ...ofKind<Workload>(manifests, 'Deployment'),
    ...ofKind<Workload>(manifests, 'StatefulSet'),
  ];

  it('runs every service', () => {
    expect(services.map(({ service }) => service).toSorted()).toEqual(SERVICES.toSorted());
  });

  it.each(services)('$service listens where its ports say', (each) => {
    expect(portOf(each, 'http')).toBe(defaultPort(each.service));
    expect(String(portOf(each, 'health'))).toBe(each.settings['HEALTH_PORT']);
    expect(each.settings['PORT']).toBeUndefined();
  });

  it.each(services)(
    '$service is probed where it answers, and never killed for its Redis',
    ({ container }) => {
      const { startupProbe, livenessProbe, readinessProbe } = container;
      const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet?.path);
      expect(paths).toEqual(['/healthz', '/healthz', '/readyz']);
      for (const path of paths) expect(PROBES).toContain(path);
      const ports = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet?.port);
      expect(ports).toEqual(['health', 'health', 'health']);
    },
  );

  it.each(services)('$service gets settings that it knows, and secrets by reference only', (each) => {
    const { container, service, settings } = each;
    for (const { name, value, valueFrom } of container.env ?? []) {
      expect(variablesOf(service)).toContain(name);
      expect({ name, value, key: valueFrom?.secretKeyRef.key }).toEqual({
        name,
        value: undefined,
        key: name,
      });
    }
    const unknown = Object.keys(settings).filter((name) => !ALL_VARIABLES.has(name));
    expect(unknown).toEqual([]);
    expect(Object.keys(settings).filter(isSecret)).toEqual([]);
  });

  it.each(services)('$service can be given every secret that it knows', ({ container, service }) => {
    const given = (container.env ?? []).map(({ name }) => name);
    expect(variablesOf(service).filter((name) => isSecret(name) && !given.includes(name))).toEqual([]);
  });

  it.each(services)('$service starts with that, and with the secrets that are not optional', (each) => {
    const { container, service, settings } = each;
    const required = (container.env ?? []).filter(({ valueFrom }) => !valueFrom?.secretKeyRef.optional);
    const secrets = required.map(({ name }) => [name, name === 'REDIS_URL' ? 'rediss://redis' : 'a-secret']);
    const env = { ...settings, ...Object.fromEntries(secrets) };
    expect(loadConfig(SETTINGS[service], env)).toMatchObject({ NODE_ENV: settings['NODE_ENV'] });
  });

  it.each(services)('$service can drain before it is killed', ({ workload, container, settings }) => {
    const { terminationGracePeriodSeconds } = workload.spec.template.spec;
    const [command, seconds] = container.lifecycle?.preStop.exec.command ?? [];
    expect(command).toBe('sleep');
    const neededMs = Number(seconds) * 1000 + Number(settings['DRAIN_TIMEOUT_MS']);
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(neededMs);
  });

  it.each(services)('$service gets no variables made from the names of services', ({ workload }) => {
    // GATEWAY_PORT=tcp://10.0.0.1:8090 would be taken for the port to listen on.
    expect(workload.spec.template.spec.enableServiceLinks).toBe(false);
  });

  it.each(workloads)('$metadata.name keeps to the restricted profile', ({ spec }) => {
    const pod = spec.template.spec;
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.volumes).toBeUndefined();
    for (const { securityContext, resources } of pod.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(Object.keys(resources?.requests ?? {})).toEqual(['cpu', 'memory']);
      expect(resources?.limits['memory']).toBeDefined();
    }
  });

  it('wants no secret that docs/operating/kubernetes.md does not tell to make', () => {
    const keys = services.flatMap(({ container }) => container.env?.map(({ name }) => name) ?? []);
    const page = read('docs/operating/kubernetes.md');
    const told = (key: string) => page.includes(`--from-literal=${key}=`) || page.includes(`\`${key}\``);
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((key) => !told(key))).toEqual([]);
  });

  it('has no selector that selects nothing', () => {
    const pods = workloads.map(({ spec }) => spec.template.metadata.labels);
    const spread = services.flatMap(
      ({ workload }) => workload.spec.template.spec.topologySpreadConstraints ?? [],
    );
    const selectors = [
      ...workloads.map(({ spec }) => spec.selector.matchLabels),
      ...ofKind<{ spec: { selector: Labels } }>(manifests, 'Service').map(({ spec }) => spec.selector),
      ...ofKind<Workload>(manifests, 'PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
      ...spread.map(({ labelSelector }) => labelSelector.matchLabels),
    ];
    expect(selectors.length).toBeGreaterThan(10);
    for (const selector of selectors)
      expect(pods.filter((labels) => selects(selector, labels))).toHaveLength(1);
  });

  it('scales what is there, by metrics that there are', () => {
    interface Scaler {
      readonly spec: {
        readonly scaleTargetRef: { readonly name: string };
        readonly metrics: readonly { readonly pods?: { readonly metric: { readonly name: string } } }[];
      };
    }
    for (const { spec } of ofKind<Scaler>(manifests, 'HorizontalPodAutoscaler')) {
      expect(SERVICES).toContain(spec.scaleTargetRef.name);
      const names = spec.metrics.flatMap(({ pods }) => pods?.metric.name ?? []);
      for (const name of names) expect(read('docs/metrics.md')).toContain(`\`${name}\``);
    }
  });

  it('leads the public to the same places as deploy/nginx/nginx.conf', () => {
    interface Backend {
      readonly service: { readonly name: string; readonly port: { readonly name: string } };
    }
    interface Ingress {
      readonly spec: {
        readonly rules: readonly {
          readonly http: {
            readonly paths: readonly { path: string; pathType: string; backend: Backend }[];
          };
        }[];
      };
    }
    const paths = ofKind<Ingress>(manifests, 'Ingress').flatMap(
      ({ spec }) => spec.rules[0]?.http.paths ?? [],
    );
    const led = paths.map(({ path, pathType, backend }) => {
      expect(backend.service.port.name).toBe('http');
      return `${pathType === 'Exact' ? '= ' : ''}${path} ${backend.service.name}`;
    });
    const locations = /location (= )?(\S+?)\/? \{\s+set \$(\w+)/g;
    const inNginx = [...read('deploy/nginx/nginx.conf').matchAll(locations)];
    expect(inNginx.map(([, exact = '', path, to]) => `${exact}${path || '/'} ${to}`).toSorted()).toEqual(
      led.toSorted(),
    );
  });
});
