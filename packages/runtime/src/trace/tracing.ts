import type { TraceConfig } from '@parley/config';
import type { Logger } from '../observe/logger.js';

/** What is told of a span. Never what a client sent as it came: URLs and headers hold tokens. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What a span begins with. */
export interface SpanOptions {
  readonly kind?: 'server' | 'internal';
  /** The span that it continues, as a client tells (W3C Trace Context); may be anything. */
  readonly traceparent?: string | string[] | undefined;
  readonly attributes?: SpanAttributes;
}

/** A span that is under way, or was. */
export interface SpanScope {
  /** What makes others continue it (W3C Trace Context §3.2). */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** It did not do what it was for. */
  fail(): void;
  /** Do something as a part of it that others have taken up and would do as a part of what they run. */
  run<T>(work: () => T): T;
  /** Tell of a part of it that is over just now, be it that the span itself ended before. */
  add(name: string, seconds: number, attributes?: SpanAttributes): void;
}

/** Tells a collector what a request did, through all services. There is none while traces are off. */
export interface Tracing {
  /** Do something as a span of its own; what it does in turn becomes its parts. */
  inSpan<T>(name: string, options: SpanOptions, work: (span: SpanScope) => Promise<T>): Promise<T>;
  /** Tell of something that is over just now, as a part of what runs; nothing where no span does. */
  add(name: string, seconds: number, attributes: SpanAttributes, isFailed?: boolean): void;
  /** Do something that belongs to nobody's span, such as what many have left to do together. */
  readonly outside: (work: () => void) => void;
  /** Send what is left. Takes a second at most. */
  close(): Promise<void>;
}

/**
 * Begin to trace, if a collector is set. Nothing of OpenTelemetry's SDK is loaded before that.
 * @param service short name of this service
 */
export async function startTracing(
  service: string,
  config: TraceConfig,
  logger: Logger,
): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config;
  if (endpoint === undefined) return undefined;
  const { createTracing } = await import('./otel.js');
  return createTracing(service, { ...config, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, logger);
}
