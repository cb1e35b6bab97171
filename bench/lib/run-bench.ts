import { alternate, type Contender } from './alternate.js';
import { benchOptions, type BenchOptions } from './options.js';
import { summarize, summaryTable, writeResults } from './report.js';
import { Scope } from './scope.js';
import { figure } from './table.js';

/** One question, and who is measured to answer it. */
export interface Bench {
  /** Of the results' file. */
  readonly name: string;
  /** What is asked, and what the target is. */
  readonly question: string;
  /** Longest time of the whole bench; beyond it the bench fails. Default 90 s. */
  readonly timeoutMs?: number;
  /** Start all contenders, the reference first; what is opened goes to `scope`. */
  readonly open: (options: BenchOptions, scope: Scope) => Promise<readonly Contender[]>;
}

const say = (text: string) => process.stdout.write(`${text}\n`);

async function measure({ name, question, open }: Bench, options: BenchOptions, scope: Scope): Promise<void> {
  say(question);
  const contenders = await open(options, scope);
  const samples = await alternate(contenders, options.repetitions, (contender, sample, round) => {
    const figures = Object.entries(sample).map(([key, value]) => `${key} ${figure(value)}`);
    say(`  ${round + 1}/${options.repetitions} ${contender}: ${figures.join(', ')}`);
  });
  say(`\n${summaryTable(summarize(samples))}\n`);
  say(`all samples: ${writeResults(name, question, options, samples)}`);
}

/**
 * Run a bench as this process, with its arguments (see `benchOptions`). Ratios are printed and never judged: machines
 * differ. Exits 1 when the bench itself fails, or takes too long.
 */
export async function runBench(bench: Bench): Promise<void> {
  const scope = new Scope();
  const timeoutMs = bench.timeoutMs ?? 90_000;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs / 1_000} s`)), timeoutMs);
  });
  const stopped = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(signal)));
  });
  try {
    await Promise.race([measure(bench, benchOptions(process.argv.slice(2)), scope), tooLong, stopped]);
  } catch (error) {
    process.stderr.write(`${bench.name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    clearTimeout(timer);
    await scope.close();
    // What is still under way after a failure must not keep the process alive.
    process.exit();
  }
}
