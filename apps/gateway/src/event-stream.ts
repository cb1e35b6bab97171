/** Headers of server-sent events (HTML Living Standard, "Server-sent events"); nothing on the way may hold them back. */
export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};
