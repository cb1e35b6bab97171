import cluster, { type Worker } from 'node:cluster';
import type { Logger } from '../observe/logger.js';

/** Tells everything that an operator may want to see of requests and connections. */
const DETAILED = 'debug';

/** What a primary process tells its workers. */
interface LevelMessage {
  readonly parley: 'log-level';
  readonly level: string;
}

function isLevelMessage(message: unknown): message is LevelMessage {
  return (message as Partial<LevelMessage> | null)?.parley === 'log-level';
}

/** Say it at the more talkative of both levels, or a service that logs errors only would switch without a word. */
function switchLevel(logger: Logger, level: string): void {
  const from = logger.level;
  if (level === DETAILED) logger.level = level;
  logger.info({ from, to: level }, 'log level');
  logger.level = level;
}

/** A signal to a whole process group reaches workers as well; they would switch twice. */
function followPrimary(logger: Logger): void {
  process.on('SIGUSR2', () => {});
  process.on('message', (message: unknown) => {
    if (isLevelMessage(message) && message.level !== logger.level) switchLevel(logger, message.level);
  });
}

/** Those that listen already, and whoever replaces one of them. */
function leadWorkers(logger: Logger, configured: string): (level: string) => void {
  const tell = (worker: Worker, level: string) => {
    if (worker.isConnected()) worker.send({ parley: 'log-level', level } satisfies LevelMessage);
  };
  // Before that it may not hear.
  cluster.on('listening', (worker) => {
    if (logger.level !== configured) tell(worker, logger.level);
  });
  return (level) => {
    for (const worker of Object.values(cluster.workers ?? {})) if (worker) tell(worker, level);
  };
}

/**
 * SIGUSR2 switches between the level of the settings (`LOG_LEVEL`) and `debug`; workers follow their primary process.
 * Call it before the service starts: a worker is told as soon as it listens.
 */
export function switchLevelAtSignal(logger: Logger): void {
  if (cluster.isWorker) {
    followPrimary(logger);
    return;
  }
  const configured = logger.level;
  const tellWorkers = leadWorkers(logger, configured);
  process.on('SIGUSR2', () => {
    const level = logger.level === configured ? DETAILED : configured;
    switchLevel(logger, level);
    tellWorkers(level);
  });
}
