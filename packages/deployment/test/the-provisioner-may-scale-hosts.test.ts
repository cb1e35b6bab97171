import { loadConfig, matchmakerSettings } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { AUTOSCALING, findKustomize, ofKind, render, type Manifest } from './support/manifests.js';
import { servicesIn } from './support/workloads.js';

const kubectl = await findKustomize();
const why = kubectl.ok ? '' : ` (skipped, no kubectl: ${kubectl.reason})`;

interface Role {
  readonly rules: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}
interface RoleBinding {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}
interface Policy {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly policyTypes: readonly string[];
    readonly egress: readonly unknown[];
  };
}

describe.skipIf(!kubectl.ok)(`k8s/${AUTOSCALING}${why}`, async () => {
  const manifests: Manifest[] = kubectl.ok ? (await render(kubectl, AUTOSCALING)).manifests : [];
  const production: Manifest[] = kubectl.ok ? (await render(kubectl, 'overlays/production')).manifests : [];
  const services = servicesIn(manifests);
  const podOf = (name: string) =>
    services.find(({ service }) => service === name)?.workload.spec.template.spec;

  it('is the production overlay with an account, a role, its binding, and one network policy more', () => {
    const had = new Set(production.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const more = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    const added = more.filter((_, at) => {
      const { kind, metadata } = manifests[at] as Manifest;
      return kind !== 'ConfigMap' && !had.has(`${kind} ${metadata.name}`);
    });
    expect(added.toSorted()).toEqual([
      'NetworkPolicy parley matchmaker-to-kubernetes',
      'Role games scale-hosts',
      'RoleBinding games matchmaker-scales-hosts',
      'ServiceAccount parley matchmaker',
    ]);
  });

  it('lets the matchmaker read and change how many hosts there are, and nothing else', () => {
    const [role] = ofKind<Role>(manifests, 'Role');
    const verbs = ['get', 'update'];
    expect(role?.rules).toEqual([
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs },
      { apiGroups: ['agones.dev'], resources: ['fleets/scale'], verbs },
    ]);
    const [binding] = ofKind<RoleBinding>(manifests, 'RoleBinding');
    expect(binding?.roleRef).toMatchObject({ kind: 'Role', name: role?.metadata.name });
    expect(binding?.subjects).toEqual([{ kind: 'ServiceAccount', name: 'matchmaker', namespace: 'parley' }]);
    expect(manifests.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
  });

  it('gives a token to the matchmaker alone', () => {
    expect(podOf('matchmaker')).toMatchObject({
      serviceAccountName: 'matchmaker',
      automountServiceAccountToken: true,
    });
    for (const other of ['signaling', 'gateway'])
      expect(podOf(other)?.automountServiceAccountToken).toBe(false);
  });

  it('lets the matchmaker alone out to the API server', () => {
    const policies = ofKind<Policy>(manifests, 'NetworkPolicy');
    const [policy] = policies.filter(({ metadata }) => metadata.name === 'matchmaker-to-kubernetes');
    expect(policy?.spec).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'matchmaker', 'app.kubernetes.io/part-of': 'parley' },
      },
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 443 }, { port: 6443 }] }],
    });
  });

  it('scales hosts in the namespace of the role, with settings that the matchmaker starts with', () => {
    const [role] = ofKind<Role>(manifests, 'Role');
    const settings = services.find(({ service }) => service === 'matchmaker')?.settings;
    const config = loadConfig(matchmakerSettings, { ...settings, HOST_SECRET: 'a-secret' });
    expect(config.PROVISIONER).toBe('kubernetes');
    const targets = [...(config.PROVISIONER_REGIONS?.values() ?? [])].map(({ target }) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(target?.namespace).toBe(role?.metadata.namespace);
  });
});
