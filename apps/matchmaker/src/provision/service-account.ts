import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';

/** Where the token and the certificate authority are. */
export interface ServiceAccountFiles {
  readonly tokenFile: string;
  readonly caFile: string;
}

/** What a request to the API server is made with. */
export interface Credentials {
  readonly token: string;
  /** Trusts the API server's authority alone; undefined for a server without TLS. */
  readonly agent: Agent | undefined;
}

/** Reads both files each time it is asked: Kubernetes replaces them while we run. Connections outlast that. */
export class ServiceAccount {
  #ca = '';
  #agent: Agent | undefined;

  constructor(
    private readonly files: ServiceAccountFiles,
    private readonly isTls: boolean,
  ) {}

  /** @throws Error that names the file which cannot be read */
  async credentials(): Promise<Credentials> {
    const token = (await readFile(this.files.tokenFile, 'utf8')).trim();
    return { token, agent: this.isTls ? await this.#trusting() : undefined };
  }

  /** Connections that nobody uses are closed. */
  close(): void {
    this.#agent?.destroy();
  }

  async #trusting(): Promise<Agent> {
    const ca = await readFile(this.files.caFile, 'utf8');
    if (this.#agent && ca === this.#ca) return this.#agent;
    this.#agent?.destroy();
    this.#ca = ca;
    return (this.#agent = new Agent({ ca, keepAlive: true }));
  }
}
