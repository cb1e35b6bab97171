import type { Address, MetricsSnapshot } from '@parley/runtime';

/** What a worker tells the primary process. */
export type FromWorker =
  | { readonly parley: 'listening'; readonly address: Address }
  /** Somebody asked this worker for the metrics of all. */
  | { readonly parley: 'metrics-wanted'; readonly id: number }
  | { readonly parley: 'snapshot'; readonly id: number; readonly snapshot: MetricsSnapshot };

/** What the primary process tells a worker. */
export type FromPrimary =
  | { readonly parley: 'stop' }
  | { readonly parley: 'snapshot-wanted'; readonly id: number }
  | { readonly parley: 'metrics'; readonly id: number; readonly contentType: string; readonly body: string };

/** A message between processes, if it is one of ours. */
export function ours(message: unknown): { readonly parley: string } | undefined {
  return typeof message === 'object' && message !== null && 'parley' in message
    ? (message as { parley: string })
    : undefined;
}
