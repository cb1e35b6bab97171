import type { Metrics } from '@parley/runtime';
import type { TurnFailure, TurnProvider } from './turn-provider.js';

type Provider = TurnProvider['name'];

/** What is counted about TURN providers; the page docs/services/ice.md says how to read it. */
export interface IceMetrics {
  /** A client's answer asked a provider. */
  asked(provider: Provider, outcome: 'answered' | TurnFailure): void;
  /** A request to a provider's API ended. */
  requested(provider: Provider, outcome: 'answered' | TurnFailure, seconds: number): void;
  /** A client got STUN alone although a provider is configured. */
  stunOnly(): void;
}

export function iceMetrics(metrics: Metrics): IceMetrics {
  const labels = ['provider', 'outcome'] as const;
  const asked = metrics.counter('ice_provider_asks_total', 'TURN providers asked for an answer', labels);
  const requested = metrics.histogram(
    'ice_provider_request_duration_seconds',
    "Time of one request to a TURN provider's API",
    labels,
  );
  const stunOnly = metrics.counter(
    'ice_stun_only_total',
    'Answers with STUN alone because every configured TURN provider failed',
  );
  return {
    asked: (provider, outcome) => asked.inc({ provider, outcome }),
    requested: (provider, outcome, seconds) => requested.observe({ provider, outcome }, seconds),
    stunOnly: () => stunOnly.inc(),
  };
}
