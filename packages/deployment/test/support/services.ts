import {
  gatewaySettings,
  loadConfig,
  matchmakerSettings,
  signalingSettings,
  type Settings,
} from '@parley/config';

export const SERVICES = ['signaling', 'matchmaker', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The schemas that each service reads its environment with. */
export const SETTINGS: Readonly<Record<ServiceName, Settings>> = {
  signaling: signalingSettings,
  matchmaker: matchmakerSettings,
  gateway: gatewaySettings,
};

/** The port that a service listens on where nobody says otherwise. */
export function defaultPort(service: ServiceName): number {
  return Number(loadDefaults(service)['PORT']);
}

const loadDefaults = (service: ServiceName) => loadConfig(SETTINGS[service], {});

/** All variables of a service, without other spellings. */
export const variablesOf = (service: ServiceName): string[] => Object.keys(SETTINGS[service].shape);

export const ALL_VARIABLES: ReadonlySet<string> = new Set(SERVICES.flatMap(variablesOf));

/** Whether a variable's value must not be known. */
export const isSecret = (variable: string): boolean =>
  /(SECRET|TOKEN|PASSWORD|CREDENTIAL|API_KEY|OTLP_HEADERS)(_PREVIOUS)?$/.test(variable);

export const PROBES = ['/healthz', '/readyz', '/metrics'];
