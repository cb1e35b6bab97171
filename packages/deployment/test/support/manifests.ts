import { parseAllDocuments } from 'yaml';
import { ROOT } from './root.js';
import { findKubectl, use, type FoundTool } from './tools.js';

/** A Kubernetes object, as far as all have it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly [field: string]: unknown;
}

export type Labels = Readonly<Record<string, string>>;

/** What can be applied: `kubectl apply -k k8s/…`. */
export const OVERLAYS = ['overlays/dev', 'overlays/production'] as const;

/** The production overlay with a matchmaker that scales hosts. */
export const AUTOSCALING = 'overlays/autoscaling';

/** A kubectl that has what our files use (kustomize 4.1 has `labels`). */
export async function findKustomize(): Promise<FoundTool> {
  const found = await findKubectl();
  if (!found.ok) return found;
  const { stdout } = await found.run(['version', '--client', '--output=json']);
  const version = /"kustomizeVersion": *"v(\d+)\./.exec(stdout)?.[1];
  return Number(version) >= 5 ? found : { ok: false, reason: 'this kubectl is older than 1.27' };
}

/** What kustomize makes of a folder below k8s, and what it complains about. */
export async function render(
  kubectl: FoundTool,
  folder: string,
): Promise<{ manifests: Manifest[]; stderr: string }> {
  const { code, stdout, stderr } = await use(kubectl)(['kustomize', `${ROOT}/k8s/${folder}`]);
  if (code !== 0) throw new Error(stderr);
  const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
  return { manifests, stderr };
}

/** Those of a kind, read as what they are. */
export function ofKind<Fields>(manifests: readonly Manifest[], kind: string): (Manifest & Fields)[] {
  return manifests.filter((each) => each.kind === kind) as (Manifest & Fields)[];
}
