import { parseArgs } from 'node:util';

/** What to simulate, and against what. */
export interface SimulateOptions {
  readonly hosts: number;
  readonly clients: number;
  readonly seconds: number;
  /** A deployed matchmaker; absent for a stack of our own. */
  readonly url?: string;
  /** Its signaling; without it there are no streaming hosts. */
  readonly signalingUrl?: string;
  readonly hostSecret: string;
  /** Of the deployment, as `LEASE_TTL_SECONDS`. */
  readonly leaseTtlMs: number;
  /** Time between two heartbeats of a host. */
  readonly beatMs: number;
  /** Longest time that a change in a signaling room may take until the pool knows. */
  readonly inFlightMs: number;
  /** Most that the clock of the deployment's Redis and ours may be apart. */
  readonly clockSkewMs: number;
}

export const USAGE = `npm run simulate -- [--hosts 200] [--clients 1000] [--seconds 30]
  [--url http://…          a deployed matchmaker, instead of a stack of our own
   --signaling-url ws://…  its signaling; without it, game servers only
   --host-secret …         its HOST_SECRET, or set that variable
   --lease-ttl-seconds 30  its LEASE_TTL_SECONDS
   --beat-seconds 10       time between two heartbeats of a host
   --clock-skew-ms 500]    most that its clock and ours are apart
  [--in-flight-ms 1000]    how long a change in a signaling room may take until the pool knows`;

/** Short times, so that many hosts die and many leases expire in half a minute. */
export const OWN_STACK = { hostTtlSeconds: 3, leaseTtlSeconds: 3, beatSeconds: 1, hostSecret: 'simulated' };

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  throw new TypeError(`--${name}: expected a number, at least ${least}, got ${text}`);
}

/**
 * Read the arguments of `npm run simulate`.
 * @throws TypeError that names what is wrong
 */
export function simulateOptions(args: readonly string[], env: NodeJS.ProcessEnv): SimulateOptions {
  const text = { type: 'string' } as const;
  const or = (value: string) => ({ ...text, default: value });
  const { values } = parseArgs({
    args: [...args],
    options: {
      hosts: or('200'),
      clients: or('1000'),
      seconds: or('30'),
      url: text,
      'signaling-url': text,
      'host-secret': text,
      'lease-ttl-seconds': or('30'),
      'beat-seconds': or('10'),
      'clock-skew-ms': or('500'),
      'in-flight-ms': or('1000'),
    },
  });
  const own = values.url === undefined;
  const signalingUrl = values['signaling-url'];
  return {
    hosts: number('hosts', values.hosts, 1),
    clients: number('clients', values.clients, 1),
    seconds: number('seconds', values.seconds, 1),
    ...(values.url !== undefined && { url: new URL(values.url).origin }),
    ...(signalingUrl !== undefined && { signalingUrl: new URL(signalingUrl).href }),
    hostSecret: own ? OWN_STACK.hostSecret : (values['host-secret'] ?? env['HOST_SECRET'] ?? ''),
    leaseTtlMs:
      1_000 * (own ? OWN_STACK.leaseTtlSeconds : number('lease-ttl-seconds', values['lease-ttl-seconds'], 1)),
    beatMs: 1_000 * (own ? OWN_STACK.beatSeconds : number('beat-seconds', values['beat-seconds'], 0.1)),
    clockSkewMs: own ? 5 : number('clock-skew-ms', values['clock-skew-ms'], 0),
    inFlightMs: number('in-flight-ms', values['in-flight-ms'], 0),
  };
}
