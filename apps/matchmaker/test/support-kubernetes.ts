import { serve, type Got, type Identity, type Told } from './support-platform.js';

/** What was written, and with which token. */
export interface Write {
  readonly token: string;
  readonly path: string;
  readonly replicas: number;
}

interface Scaled {
  replicas: number;
  version: number;
}

const scaleOf = (path: string, { replicas, version }: Scaled): string => {
  const [, , , , , namespace, , name] = path.split('/');
  return JSON.stringify({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid: 'some', resourceVersion: String(version) },
    // As the real one does, it leaves zero out.
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas },
  });
};

const statusOf = (status: number, reason: string, message: string): Told => ({
  status,
  body: JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message,
    code: status,
  }),
});

/** An API server with the `scale` subresource of whatever is put into it, as Kubernetes serves it. */
export class FakeKubernetes {
  url = '';
  readonly writes: Write[] = [];
  readonly tokens = new Set<string>();
  /** Answers instead of the usual ones, as long as it has any. */
  readonly next: Told[] = [];
  /** Asked before each request is served. */
  before: (got: Got, token: string) => Promise<void> | void = () => undefined;
  readonly #scales = new Map<string, Scaled>();
  #version = 1_000;

  async start(identity?: Identity): Promise<this> {
    this.url = await serve((got) => this.#answer(got), identity);
    return this;
  }

  /** Somebody sets the replicas by hand, or makes what can be scaled. */
  set(path: string, replicas: number): void {
    this.#version += 1;
    this.#scales.set(path, { replicas, version: this.#version });
  }

  replicas(path: string): number | undefined {
    return this.#scales.get(path)?.replicas;
  }

  async #answer(got: Got): Promise<Told> {
    const token = /^Bearer (.+)$/.exec(got.headers.authorization ?? '')?.[1] ?? '';
    await this.before(got, token);
    const told = this.next.shift();
    if (told) return told;
    if (!this.tokens.has(token)) return statusOf(401, 'Unauthorized', 'Unauthorized');
    const scaled = this.#scales.get(got.path);
    if (!scaled) return statusOf(404, 'NotFound', `${got.path} not found`);
    if (got.method === 'GET') return { status: 200, body: scaleOf(got.path, scaled) };
    return this.#put(got, token, scaled);
  }

  #put({ path, body }: Got, token: string, scaled: Scaled): Told {
    const { metadata, spec } = JSON.parse(body) as {
      metadata: { resourceVersion: string };
      spec: { replicas: number };
    };
    if (metadata.resourceVersion !== String(scaled.version))
      return statusOf(409, 'Conflict', 'the object has been modified');
    this.set(path, spec.replicas);
    this.writes.push({ token, path, replicas: spec.replicas });
    return { status: 200, body: scaleOf(path, this.#scales.get(path) as Scaled) };
  }
}
