import { describe, expect, it } from 'vitest';
import { typeErrors, validate } from './support/kubernetes-schema.js';
import { AUTOSCALING, findKustomize, OVERLAYS, render } from './support/manifests.js';

const kubectl = await findKustomize();
const why = kubectl.ok ? '' : ` (skipped, no kubectl: ${kubectl.reason})`;

describe.skipIf(!kubectl.ok).each([...OVERLAYS, AUTOSCALING, 'monitoring'])(`k8s/%s${why}`, (folder) => {
  it('is rendered without a complaint, and every object is what its kind may be', async () => {
    const { manifests, stderr } = await render(kubectl, folder);
    expect(stderr).toBe('');
    expect(manifests.length).toBeGreaterThan(0);
    for (const manifest of manifests) await validate(manifest);
    expect(await typeErrors(folder.replace('/', '-'), manifests)).toBe('');
  });
});

describe('the schemas that the manifests are held to', () => {
  const deployment = (fields: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'some' },
    spec: { selector: {}, template: { spec: { containers: [{ name: 'one', ...fields }] } } },
  });

  it('find a value of another type', async () => {
    await expect(validate(deployment({ image: 3 }))).rejects.toThrow(/image/);
  });

  it('find a field that there is not', async () => {
    const wrong = deployment({ redinessProbe: { httpGet: { port: 'health' } } });
    expect(await typeErrors('a-misspelt-field', [wrong])).toContain('redinessProbe');
  });
});
