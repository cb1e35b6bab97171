import type { RedisConfig } from '@parley/config';
import { RedisConnection } from '@parley/redis-scripts';
import type { ServiceDeps } from '../lifecycle/service.js';
import type { Tracing } from '../trace/tracing.js';

function trace(tracing: Tracing, operation: string, seconds: number, answered: boolean): void {
  const attributes = { 'db.system.name': 'redis', 'db.operation.name': operation };
  tracing.add(`redis ${operation}`, seconds, attributes, !answered);
}

/** A service's connection to Redis, with its log lines and metrics (contract §5). It does not connect yet. */
export function connectionTo({
  config,
  logger,
  metrics,
  tracing,
}: ServiceDeps<RedisConfig>): RedisConnection {
  const up = metrics.gauge('redis_up', 'Redis can be used (1) or not (0)');
  const circuit = metrics.gauge(
    'circuit_breaker_open',
    'Calls to Redis are refused at once (1) or tried (0)',
  );
  const duration = metrics.histogram('redis_operation_duration_seconds', 'Time of one Redis operation', [
    'operation',
    'outcome',
  ]);
  // Looking labels up costs as much as the rest of a command; there are a few dozen operations.
  const byOperation = (outcome: string) => {
    const known = new Map<string, { observe(seconds: number): void }>();
    return (operation: string, seconds: number) => {
      let child = known.get(operation);
      if (!child) known.set(operation, (child = duration.labels({ operation, outcome })));
      child.observe(seconds);
    };
  };
  const [answeredIn, unavailableIn] = [byOperation('answered'), byOperation('unavailable')];
  const count = (operation: string, seconds: number, answered: boolean) =>
    (answered ? answeredIn : unavailableIn)(operation, seconds);
  return new RedisConnection(config, {
    onUp: (isUp) => {
      up.set(isUp ? 1 : 0);
      logger[isUp ? 'info' : 'warn'](isUp ? 'Redis is usable' : 'Redis is not usable');
    },
    onCircuit: (open) => {
      circuit.set(open ? 1 : 0);
      logger.warn({ open }, 'Redis circuit changed');
    },
    onCommand: tracing ? (...command) => (count(...command), trace(tracing, ...command)) : count,
    onProblem: (error) => logger.warn({ err: error }, 'Redis problem'),
  });
}
