/** One way to get a Redis that was tried, and why it did not work. */
export interface FailedAttempt {
  readonly step: string;
  readonly reason: string;
}

const waysOut = (minVersion: string): string[] => [
  'set REDIS_URL to a Redis that already runs, for example REDIS_URL=redis://127.0.0.1:6379',
  `install redis-server or valkey-server (${minVersion} or newer) so that it is on PATH`,
  'be online: on Debian and Ubuntu the distribution package is then fetched, without root; ' +
    'elsewhere the source is fetched and built, which takes a C compiler and make',
];

/** No Redis server was found and none could be fetched. The message names the three ways out and every attempt. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
  readonly attempts: readonly FailedAttempt[];

  constructor(attempts: readonly FailedAttempt[], minVersion: string) {
    super(
      [
        'No Redis server was found and none could be fetched. Any one of these helps:',
        ...waysOut(minVersion).map((way, index) => `  ${index + 1}. ${way}`),
        'What was tried:',
        ...attempts.map(({ step, reason }) => `  - ${step}: ${indent(reason)}`),
      ].join('\n'),
    );
    this.attempts = attempts;
  }
}

/** A Redis server was found but did not come up. `output` is the tail of what it printed. */
export class RedisStartError extends Error {
  override readonly name = 'RedisStartError';
  readonly output: string;

  constructor(reason: string, output: string) {
    super(output === '' ? reason : `${reason}\nIts last output:\n  ${indent(output.trim(), '  ')}`);
    this.output = output;
  }
}

function indent(text: string, by = '      '): string {
  return text.trim().replaceAll('\n', `\n${by}`);
}
