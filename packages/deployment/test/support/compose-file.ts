import { parse } from 'yaml';
import { read } from './root.js';

/** What we look at of a container. */
export interface Container {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly build?: { readonly args: { readonly APP: string } };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>> | readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}

export const COMPOSE_TEXT = read('docker-compose.yml');

/** The containers of docker-compose.yml, as they are written. */
export const CONTAINERS = (
  parse(COMPOSE_TEXT, { merge: true }) as { services: Readonly<Record<string, Container>> }
).services;

/** Those that run a service of ours. */
export const OURS = Object.entries(CONTAINERS).filter(([, { build }]) => build !== undefined);

/** What an operator has to give, and nothing more. */
export const REQUIRED = {
  HOST_SECRET: 'a-secret-of-the-tests',
  ADMIN_TOKEN: 'a-token-of-the-tests',
  SIGNALING_PUBLIC_URL: 'wss://play.example.com/signal',
};
