import { z } from 'zod';
import { isHeaderText, url, word } from '../values.js';

const HEADERS = /^[!#$%&'*+.^_`|~\w-]+=[^,]*(,[!#$%&'*+.^_`|~\w-]+=[^,]*)*$/;

function areHeaders(text: string): boolean {
  try {
    return HEADERS.test(text) && isHeaderText(decodeURIComponent(text));
  } catch {
    return false;
  }
}

/** Where traces go, under OpenTelemetry's own names for it. */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http', 'https'], { bare: true })
    .optional()
    .describe(
      'collector that gets traces (OTLP over HTTP, at `/v1/traces` below it); no traces when not set',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .refine(areHeaders, 'expected name=value,… with values percent-encoded')
    .optional()
    .describe('`name=value,…` sent to the collector, such as a key of yours'),
  OTEL_SERVICE_NAME: z
    .string()
    .optional()
    .describe('name of the service in traces; `parley-` and its own where not set'),
  OTEL_TRACES_SAMPLER: word([
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
    'always_on',
    'always_off',
    'traceidratio',
  ])
    .default('parentbased_always_on')
    .describe('which traces are kept; `parentbased_…` lets a client decide that sends a `traceparent`'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'expected a number from 0 to 1')
    .transform(Number)
    .default(1)
    .describe('share of the traces that `…traceidratio` keeps'),
};

export type TraceConfig = Readonly<z.output<z.ZodObject<typeof traceSettings>>>;
