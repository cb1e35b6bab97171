import { describe, expect, it } from 'vitest';
import { startLyingMatchmaker, type Lie } from './lying-matchmaker.js';
import { runProgram } from './program.js';

const TIMEOUT_MS = 60_000;
const SMALL = ['--hosts', '20', '--clients', '60', '--seconds', '4'];

// One after the other: hosts must have time to die, and the books go by the clock.
describe('npm run simulate', () => {
  it(
    'our own stack keeps every promise, and the slots that are there can all be found',
    async () => {
      const { code, output } = await runProgram('simulate/main.js', SMALL);
      expect(output).toContain('Every promise was kept.');
      const swept = /(\d+) slots could be found; the hosts had (\d+)/.exec(output);
      expect(swept?.[1]).toBe(swept?.[2]);
      expect(code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each<[Lie, string[]]>([
    ['generous', ['P1', 'P3', 'P5']],
    ['stingy', ['P4']],
  ])(
    'exits 1 where a matchmaker is %s, and shows what it broke',
    async (lie, promises) => {
      const matchmaker = await startLyingMatchmaker(lie);
      const times = [
        '--seconds',
        '8',
        '--lease-ttl-seconds',
        '1',
        '--beat-seconds',
        '0.3',
        '--clock-skew-ms',
        '5',
      ];
      const { code, output } = await runProgram('simulate/main.js', [
        ...SMALL,
        ...times,
        '--in-flight-ms',
        '300',
        '--url',
        matchmaker.url,
      ]);
      matchmaker.stop();
      for (const promise of promises) expect(output).toMatch(new RegExp(`^${promise} .* BROKEN`, 'm'));
      expect(output).toContain('PROMISES WERE BROKEN');
      expect(code).toBe(1);
    },
    TIMEOUT_MS,
  );

  it('says what is wrong with its arguments', async () => {
    const { code, output } = await runProgram('simulate/main.js', ['--hosts', 'many']);
    expect(output).toContain('--hosts: expected a number, at least 1, got many');
    expect(code).toBe(1);
  });
});
