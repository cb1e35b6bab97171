import type { z } from 'zod';
import { gatewaySettings, matchmakerSettings, signalingSettings, type Settings } from '../src/index.js';

/** One variable, with all that the schemas say of it. */
export interface DescribedSetting {
  readonly variable: string;
  /** Other spellings, each with the services that take it. */
  readonly aliases: readonly { readonly name: string; readonly services: readonly string[] }[];
  readonly services: readonly string[];
  /** Per service, as one would write it in the environment; undefined where it is not set. */
  readonly defaults: ReadonlyMap<string, string | undefined>;
  readonly meaning: string;
}

const SERVICES: Readonly<Record<string, Settings>> = {
  signaling: signalingSettings,
  matchmaker: matchmakerSettings,
  gateway: gatewaySettings,
};

/** Every variable of every service, in the order in which the services first name them. */
export function describedSettings(): DescribedSetting[] {
  const variables = new Set(Object.values(SERVICES).flatMap(({ shape }) => Object.keys(shape)));
  return [...variables].map((variable) => {
    const users = Object.entries(SERVICES).filter(([, { shape }]) => variable in shape);
    const schemas = users.map(([service, { shape }]) => [service, shape[variable] as z.ZodType] as const);
    return {
      variable,
      aliases: aliasesOf(variable, users),
      services: users.map(([service]) => service),
      defaults: new Map(schemas.map(([service, schema]) => [service, defaultOf(schema)])),
      meaning: [...new Set(schemas.map(([, schema]) => schema.description ?? ''))].join('; '),
    };
  });
}

function aliasesOf(
  variable: string,
  users: readonly (readonly [string, Settings])[],
): DescribedSetting['aliases'] {
  const names = new Set(users.flatMap(([, { aliases }]) => aliases[variable] ?? []));
  return [...names].map((name) => {
    const takers = users.filter(([, { aliases }]) => aliases[variable]?.includes(name));
    return { name, services: takers.map(([service]) => service) };
  });
}

function defaultOf(schema: z.ZodType): string | undefined {
  const { data } = schema.safeParse(undefined) as { data?: string | number | boolean | string[] };
  if (data === undefined || (Array.isArray(data) && data.length === 0)) return undefined;
  return Array.isArray(data) ? data.join(',') : String(data);
}
