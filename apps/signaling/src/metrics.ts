import type { Metrics } from '@parley/runtime';
import { Sampler, Tally } from './sampled.js';

/** Something that only grows. */
interface Count<Label extends string = never> {
  inc(by?: number): void;
  inc(labels: Partial<Record<Label, string>>, by?: number): void;
}

/** What signaling counts (contract §5). */
export interface SignalingMetrics {
  readonly forwarded: { inc(): void };
  readonly fanout: Sampler;
  readonly schemaRejects: Count;
  readonly rateLimitDrops: Count;
  readonly backpressureCloses: Count;
  readonly closes: Count<'reason'>;
  readonly gapsRepaired: Count<'repaired'>;
  readonly unsent: Count<'why'>;
  readonly retired: Count;
  readonly resumes: Count<'recovered'>;
}

function createResumes(metrics: Metrics): Count<'recovered'> {
  const resumes = metrics.counter(
    'resumes_total',
    'Members of parley.v1 that came back, by whether they have all that they missed',
    ['recovered'],
  );
  // A series that begins at 40 has not grown by 40 to Prometheus, and it is by growth that failures raise an alert.
  for (const recovered of ['true', 'false']) resumes.inc({ recovered }, 0);
  return resumes;
}

/** Register signaling's metrics; gauges are read at every scrape. */
export function createSignalingMetrics(
  metrics: Metrics,
  read: { connections: () => number; rooms: () => number },
): SignalingMetrics {
  metrics.gauge('active_connections', 'Open WebSocket connections', read.connections);
  metrics.gauge('local_rooms', 'Rooms with a member on this instance', read.rooms);
  return {
    forwarded: new Tally(metrics.counter('messages_forwarded_total', 'Messages relayed to other members')),
    fanout: new Sampler(
      metrics.histogram(
        'fanout_duration_seconds',
        'Time to hand a message to the members here; one in 64 is measured',
      ),
    ),
    schemaRejects: metrics.counter('schema_rejects_total', 'Messages dropped because they are not valid'),
    rateLimitDrops: metrics.counter('rate_limit_drops_total', 'Messages dropped because of a limit'),
    backpressureCloses: metrics.counter(
      'backpressure_closes_total',
      'Members closed because they did not keep up',
    ),
    closes: metrics.counter('closes_total', 'Connections closed by the server, by reason', ['reason']),
    gapsRepaired: metrics.counter(
      'room_gaps_total',
      'Gaps in a room’s entries, by whether the log had them',
      ['repaired'],
    ),
    unsent: metrics.counter(
      'messages_unsent_total',
      'Messages dropped on their way to members that are remote or yet to come',
      ['why'],
    ),
    resumes: createResumes(metrics),
    retired: metrics.counter('members_retired_total', 'Members of dead instances that this one retired'),
  };
}
