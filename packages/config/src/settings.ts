import type { z } from 'zod';

/** A setting that is wrong: which variable, and what was expected of it. */
export interface SettingIssue {
  readonly variable: string;
  readonly expected: string;
}

/** The settings of one service: environment variables, by their own names, with type, default and description. */
export interface Settings<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly shape: Shape;
  /** Other spellings of a variable, first match wins when the variable itself is not set. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** What production refuses although the types are right: insecure defaults, each named. */
  production(config: z.output<z.ZodObject<Shape>>): readonly SettingIssue[];
}

/** The frozen configuration that a service gets: one field a variable, under the variable's own name. */
export type ConfigOf<S extends Settings> = Readonly<z.output<z.ZodObject<S['shape']>>>;

/** Declare a service's settings out of shared fragments and its own. */
export function defineSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  rules: Partial<Pick<Settings<Shape>, 'aliases' | 'production'>> = {},
): Settings<Shape> {
  return { shape, aliases: rules.aliases ?? {}, production: rules.production ?? (() => []) };
}
