import type { FoundPrograms } from '@parley/embedded-redis';

/** Names, with commas between them, of programs that a CI machine is known not to have. */
const MAY_LACK = 'PARLEY_TESTS_WITHOUT';

const isOn = (value: string | undefined): boolean => !['', '0', 'false', undefined].includes(value);

/**
 * What a machine lacks is skipped on a contributor's, and the name of the suite says so; in CI (`CI=true`) nobody reads
 * names of suites that passed, so there it is a failure, unless `PARLEY_TESTS_WITHOUT` names the program.
 * @throws Error where it must not be skipped
 */
export function neededInCi(
  program: string,
  found: FoundPrograms,
  env: NodeJS.ProcessEnv = process.env,
): FoundPrograms {
  const mayLack = (env[MAY_LACK] ?? '').split(',').map((name) => name.trim());
  if (found.ok || !isOn(env['CI']) || mayLack.includes(program)) return found;
  throw new Error(
    `no ${program} here, and in CI nothing is skipped unless ${MAY_LACK}=${program} says so: ${found.reason}`,
  );
}
