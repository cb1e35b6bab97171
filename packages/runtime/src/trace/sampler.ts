import type { TraceConfig } from '@parley/config';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';

type SamplerConfig = Pick<TraceConfig, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>;

function rootSampler(kind: string, share: number): Sampler {
  if (kind === 'always_on') return new AlwaysOnSampler();
  return kind === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(share);
}

/** The sampler that `OTEL_TRACES_SAMPLER` names. */
export function createSampler(config: SamplerConfig): Sampler {
  const { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share } = config;
  const root = rootSampler(name.replace('parentbased_', ''), share);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}
