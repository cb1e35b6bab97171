import { Writable } from 'node:stream';
import { loadConfig, matchmakerSettings } from '@parley/config';
import { Metrics } from '@parley/runtime';
import { pino } from 'pino';
import { createIceProvider, type IceProvider } from '../../src/index.js';

/** A provider made from an environment, as a service makes it, with what it logged and counted. */
export interface ProviderUnderTest extends IceProvider {
  readonly log: string[];
  metricsText(): Promise<string>;
}

export function iceProvider(env: NodeJS.ProcessEnv): ProviderUnderTest {
  const log: string[] = [];
  const lines = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  const metrics = new Metrics();
  const config = loadConfig(matchmakerSettings, env);
  const provider = createIceProvider({ config, logger: pino({ level: 'trace' }, lines), metrics });
  return { ...provider, log, metricsText: async () => (await metrics.text()).body };
}
