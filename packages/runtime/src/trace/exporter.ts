import type { TraceConfig } from '@parley/config';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../observe/logger.js';

/** Longest time for one batch, tries included. */
const TIMEOUT_MS = 5_000;

/** A collector that is away is told of this often. */
const TELL_EVERY_MS = 60_000;

function readHeaders(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );
}

/** Sends spans to the collector, and says in the log when it cannot. */
export function createExporter(
  config: TraceConfig & { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string },
  logger: Logger,
): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url: `${config.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, '')}/v1/traces`,
    headers: readHeaders(config.OTEL_EXPORTER_OTLP_HEADERS),
    timeoutMillis: TIMEOUT_MS,
  });
  let toldAtMs = -TELL_EVERY_MS;
  const tell = (error: Error) => {
    if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
    toldAtMs = performance.now();
    logger.warn({ detail: error.message }, 'traces could not be sent');
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) tell(result.error);
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
