/** One thing that `npm test` runs. */
export interface VerifyStep {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its tests leave their results where `results.ts` finds them. */
  readonly hasTests?: true;
}

/** Everything that is checked, cheap things first. A step runs whatever became of the ones before it. */
export function verifySteps(): VerifyStep[] {
  const turbo = (name: string, task: string, ...args: string[]): VerifyStep => ({
    name,
    command: 'turbo',
    args: ['run', task, '--continue=always', '--output-logs=new-only', ...args],
  });
  return [
    turbo('formatting', 'format:check'),
    turbo('lint', 'lint'),
    turbo('types', 'typecheck'),
    // Every test file brings its own Redis and sockets: one package at a time leaves them the machine.
    { ...turbo('unit and integration tests', 'test', '--concurrency=1'), hasTests: true },
    { ...turbo('end-to-end tests', 'test:e2e', '--concurrency=1'), hasTests: true },
  ];
}
