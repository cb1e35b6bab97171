import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gatewaySettings, loadConfig, matchmakerSettings, signalingSettings } from '@parley/config';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findKustomize, ofKind, render, type Manifest } from './support/manifests.js';
import { ROOT } from './support/root.js';
import { servicesIn } from './support/workloads.js';

const kubectl = await findKustomize();
const why = kubectl.ok ? '' : ` (skipped, no kubectl: ${kubectl.reason})`;

const SETTINGS = { gateway: gatewaySettings, matchmaker: matchmakerSettings, signaling: signalingSettings };

interface Policy {
  readonly spec: {
    readonly podSelector: unknown;
    readonly egress: readonly [
      { readonly to: readonly unknown[]; readonly ports: readonly [{ port: number }] },
    ];
  };
}

/** An overlay of somebody's own: production, and the component. */
async function withTraces(): Promise<Manifest[]> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-overlay-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  const at = (path: string) => relative(folder, `${ROOT}/k8s/${path}`);
  const overlay = `resources: [${at('overlays/production')}]\ncomponents: [${at('components/traces')}]\n`;
  await writeFile(join(folder, 'kustomization.yaml'), overlay);
  return (await render(kubectl, relative(`${ROOT}/k8s`, folder))).manifests;
}

describe.skipIf(!kubectl.ok)(`production with k8s/components/traces${why}`, () => {
  it('has one network policy more: each service may reach the collector that it is to send traces to', async () => {
    const production = (await render(kubectl, 'overlays/production')).manifests;
    const manifests = await withTraces();
    const policies = ofKind<Policy>(manifests, 'NetworkPolicy');
    const had = ofKind<Policy>(production, 'NetworkPolicy').map(({ metadata }) => metadata.name);
    const more = policies.filter(({ metadata }) => !had.includes(metadata.name));
    expect(more.map(({ metadata }) => `${metadata.namespace} ${metadata.name}`)).toEqual([
      'parley services-to-collector',
    ]);
    expect(manifests).toHaveLength(production.length + 1);
    const { spec } = more[0] as Policy;
    expect(spec.podSelector).toEqual({ matchLabels: { 'app.kubernetes.io/part-of': 'parley' } });
    const [{ to, ports }] = spec.egress;

    for (const { service, settings } of servicesIn(manifests)) {
      const known = loadConfig(SETTINGS[service as keyof typeof SETTINGS], {
        ...settings,
        HOST_SECRET: 'some',
      });
      const { hostname, port } = new URL(known.OTEL_EXPORTER_OTLP_ENDPOINT ?? '');
      expect([service, Number(port)]).toEqual([service, ports[0].port]);
      const name = hostname.split('.')[1];
      expect(to).toEqual([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }]);
    }
    expect(servicesIn(manifests)).toHaveLength(3);
  });
});
