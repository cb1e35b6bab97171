import type { Tracing } from '@parley/runtime';
import type { Connection } from '../member/connection.js';
import type { JoinRequest } from './request.js';

/** A join as a span that continues the match which led here, and the time until its first message was relayed. */
export function traceJoin(
  tracing: Tracing,
  connection: Connection,
  { roomId, traceparent, resume }: JoinRequest,
  join: () => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const attributes = { 'parley.room_id': roomId, 'parley.resumes': resume !== undefined };
  return tracing.inSpan('signaling join', { kind: 'server', traceparent, attributes }, async (span) => {
    connection.member.span = span;
    connection.whenFirstRelayed(() => {
      span.add('signaling first relay', (performance.now() - startedAt) / 1_000);
    });
    await join();
    span.set({ 'parley.member_id': connection.member.id });
    if (connection.isOver) span.set({ 'parley.close_code': connection.endCode });
  });
}
