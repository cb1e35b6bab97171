import { describe, expect, it } from 'vitest';
import { findKustomize, ofKind, OVERLAYS, render, type Labels, type Manifest } from './support/manifests.js';
import { selects, type Workload } from './support/workloads.js';

const kubectl = await findKustomize();
const why = kubectl.ok ? '' : ` (skipped, no kubectl: ${kubectl.reason})`;

interface Peer {
  readonly podSelector?: { readonly matchLabels: Labels };
  readonly namespaceSelector?: { readonly matchLabels: Labels };
  readonly ipBlock?: { readonly cidr: string };
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: number | string }[];
}
interface Policy {
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Labels };
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

describe.skipIf(!kubectl.ok).each(OVERLAYS)(`the network policies of k8s/%s${why}`, async (folder) => {
  const manifests: Manifest[] = kubectl.ok ? (await render(kubectl, folder)).manifests : [];
  const policies = ofKind<Policy>(manifests, 'NetworkPolicy');
  const pods = [
    ...ofKind<Workload>(manifests, 'Deployment'),
    ...ofKind<Workload>(manifests, 'StatefulSet'),
  ].map(({ metadata, spec }) => ({ name: metadata.name, labels: spec.template.metadata.labels }));

  const named = (selector: Labels) =>
    pods.filter(({ labels }) => selects(selector, labels)).map(({ name }) => name);
  /** The other end of a rule: pods of ours by name, anything else by what selects it. */
  function ends({ podSelector, namespaceSelector, ipBlock }: Peer): string[] {
    if (ipBlock) return [ipBlock.cidr];
    if (namespaceSelector) return Object.values(namespaceSelector.matchLabels);
    return named(podSelector?.matchLabels ?? {});
  }
  function arrows(direction: 'ingress' | 'egress'): string[] {
    return policies.flatMap(({ spec }) => {
      const ours = named(spec.podSelector.matchLabels ?? {});
      return (spec[direction] ?? []).flatMap(({ from, to, ports }) => {
        const others = (from ?? to ?? [{}]).flatMap(ends);
        const at = ports.map(({ port }) => port).join(',');
        const pair = (one: string, other: string) =>
          direction === 'ingress' ? `${other} > ${one}:${at}` : `${one} > ${other}:${at}`;
        return ours.flatMap((one) => others.map((other) => pair(one, other)));
      });
    });
  }
  const services = ['gateway', 'matchmaker', 'signaling'];
  const redis = folder === 'overlays/dev' ? 'redis' : '10.0.0.0/8';

  it('let nothing through that no rule names', () => {
    expect(policies.find(({ metadata }) => metadata.name === 'nothing-by-default')?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  it('let in clients and hosts at the balancer, Prometheus at its own port, and to Redis the services alone', () => {
    const expected = services.flatMap((name) => [
      `ingress-nginx > ${name}:http`,
      `monitoring > ${name}:health`,
    ]);
    const toRedis = redis === 'redis' ? services.map((name) => `${name} > redis:redis`) : [];
    expect(arrows('ingress').toSorted()).toEqual([...expected, ...toRedis].toSorted());
  });

  it('let services out to Redis, to names, and to HTTPS on the internet; never to each other', () => {
    const expected = services.flatMap((name) => [
      `${name} > ${redis}:6379`,
      `${name} > kube-system:53,53`,
      `${name} > 0.0.0.0/0:443`,
    ]);
    expect(arrows('egress').toSorted()).toEqual(expected.toSorted());
  });
});
