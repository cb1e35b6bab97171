import {
  ConfigError,
  loadConfig,
  readEnvironment,
  type ConfigOf,
  type ServiceConfig,
  type Settings,
} from '@parley/config';
import { createLogger, type Logger } from '../observe/logger.js';
import { Metrics } from '../observe/metrics.js';
import { startTracing } from '../trace/tracing.js';
import { switchLevelAtSignal } from './log-level.js';
import type { Service, ServiceDeps } from './service.js';

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

function configure<S extends Settings>(settings: S): ConfigOf<S> & ServiceConfig {
  try {
    return loadConfig(settings, readEnvironment(process.env)) as ConfigOf<S> & ServiceConfig;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** Stop within the deadline, then exit: 0 after a clean stop that was asked for, 1 otherwise. */
function createStop(service: Service, logger: Logger, drainTimeoutMs: number) {
  return async (exitCode: number): Promise<never> => {
    const deadline = setTimeout(() => {
      logger.error({ drainTimeoutMs }, 'not stopped within the drain timeout');
      process.exit(1);
    }, drainTimeoutMs);
    deadline.unref();
    await service.stop().catch((error: unknown) => {
      logger.error({ err: error }, 'stopping failed');
      exitCode = 1;
    });
    logger.info('stopped');
    process.exit(exitCode);
  };
}

/** The first signal drains, the second one ends at once with the shell's code for it. */
function handleSignals(stop: (exitCode: number) => Promise<never>, logger: Logger): void {
  let seen = false;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (seen) process.exit(128 + number);
      seen = true;
      logger.info({ signal }, 'stopping');
      void stop(0);
    });
  }
}

/** A defect that nobody caught leaves unknown state behind: log it, let go of what others wait for, and restart. */
function handleCrashes(stop: (exitCode: number) => Promise<never>, logger: Logger): void {
  const crash = (error: unknown) => {
    logger.fatal({ err: error }, 'crashed');
    void stop(1);
  };
  process.once('uncaughtException', crash);
  process.once('unhandledRejection', crash);
}

/**
 * Run a service as this process: configuration from the environment, logger, metrics, signals, exit codes.
 * SIGINT and SIGTERM stop it, SIGUSR2 switches what it logs.
 * Exit codes: 0 stopped when asked; 1 bad settings, failed start, crash or drain timeout; 128+n second signal.
 * @param create makes the service; must do no I/O
 */
export async function runService<S extends Settings>(
  name: string,
  settings: S,
  create: (deps: ServiceDeps<ConfigOf<S>>) => Service,
): Promise<void> {
  const config = configure(settings);
  const logger = createLogger(name, config);
  switchLevelAtSignal(logger);
  const tracing = await startTracing(name, config, logger);
  const service = create({ config, logger, metrics: new Metrics(), tracing });
  const stop = createStop(service, logger, config.DRAIN_TIMEOUT_MS);
  handleSignals(stop, logger);
  handleCrashes(stop, logger);
  try {
    const address = await service.start();
    logger.info(address, 'listening');
  } catch (error) {
    logger.fatal({ err: error }, 'could not start');
    await stop(1);
  }
}
