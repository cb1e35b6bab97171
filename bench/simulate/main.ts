// `npm run simulate`: exits 0 when every promise was kept, 1 when one was broken or nothing could be said.
import { simulateOptions, USAGE } from './options.js';
import { simulate, StoppedError } from './simulate.js';

const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    say(USAGE);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return (await simulate(simulateOptions(args, process.env), say, stop.signal)) ? 0 : 1;
}

function inWords(error: unknown): string {
  // Wrong arguments.
  if (error instanceof TypeError && !('cause' in error)) return `${error.message}\n\n${USAGE}`;
  if (error instanceof StoppedError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${inWords(error)}\n`);
  process.exit(1);
}
