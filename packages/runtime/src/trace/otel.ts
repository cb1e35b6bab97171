import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TraceConfig } from '@parley/config';
import type { Logger } from '../observe/logger.js';
import { createExporter } from './exporter.js';
import { createSampler } from './sampler.js';
import { readTraceparent, writeTraceparent } from './traceparent.js';
import type { SpanAttributes, SpanOptions, SpanScope, Tracing } from './tracing.js';

/** Longest wait for the collector at the end. */
const LAST_MS = 1_000;

const KINDS = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL };

type CollectorConfig = TraceConfig & { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string };

/** What runs belongs to the span that is stored here, however many awaits later. */
class Spans implements Omit<Tracing, 'close'> {
  readonly #running = new AsyncLocalStorage<Span | undefined>();

  constructor(private readonly tracer: Tracer) {}

  async inSpan<T>(name: string, options: SpanOptions, work: (span: SpanScope) => Promise<T>): Promise<T> {
    const span = this.#begin(name, options);
    const scope = this.#scopeOf(span);
    try {
      return await this.#running.run(span, () => work(scope));
    } catch (error) {
      scope.fail();
      throw error;
    } finally {
      span.end();
    }
  }

  add(name: string, seconds: number, attributes: SpanAttributes, isFailed = false): void {
    const span = this.#running.getStore();
    // Timers and connections that a request has begun outlive it, and are no part of it.
    if (span?.isRecording()) this.#addTo(span, name, seconds, attributes, isFailed);
  }

  outside(work: () => void): void {
    // `exit` would end with the first span that is entered within.
    this.#running.run(undefined, work);
  }

  #begin(name: string, { kind = 'internal', traceparent, attributes = {} }: SpanOptions): Span {
    // A request is a part of what its client does, whatever else runs where it came in.
    const given = kind === 'server' ? readTraceparent(traceparent) : undefined;
    const parent = kind === 'server' ? given && trace.wrapSpanContext(given) : this.#running.getStore();
    const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    return this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, context);
  }

  #addTo(parent: Span, name: string, seconds: number, attributes: SpanAttributes, isFailed: boolean): void {
    const startTime = Date.now() - seconds * 1_000;
    const options = { kind: SpanKind.CLIENT, startTime, attributes };
    const span = this.tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, parent));
    if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  #scopeOf(span: Span): SpanScope {
    return {
      traceparent: writeTraceparent(span.spanContext()),
      set: (attributes) => void span.setAttributes(attributes),
      fail: () => void span.setStatus({ code: SpanStatusCode.ERROR }),
      run: (work) => this.#running.run(span, work),
      add: (name, seconds, attributes = {}) => this.#addTo(span, name, seconds, attributes, false),
    };
  }
}

/** Trace with OpenTelemetry's SDK. Nothing global is set: two services in one process trace beside each other. */
export function createTracing(service: string, config: CollectorConfig, logger: Logger): Tracing {
  const provider = new TracerProvider({
    sampler: createSampler(config),
    resource: resourceFromAttributes({ 'service.name': config.OTEL_SERVICE_NAME ?? `parley-${service}` }),
    spanProcessors: [new BatchSpanProcessor({ exporter: createExporter(config, logger) })],
  });
  const spans = new Spans(provider.getTracer('parley'));
  return {
    inSpan: (name, options, work) => spans.inSpan(name, options, work),
    add: (name, seconds, attributes, isFailed) => spans.add(name, seconds, attributes, isFailed),
    outside: (work) => spans.outside(work),
    close: () =>
      Promise.race([provider.shutdown().catch(() => {}), delay(LAST_MS, undefined, { ref: false })]),
  };
}
