/**
 * Prints one JSON line on stdout: what a program that started this one waits for.
 * @param event what happened, such as `ready`
 */
export function emit(event: string, fields: Record<string, unknown> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

/** Prints an `error` line; the process goes on. */
export function emitError(error: unknown): void {
  emit('error', { message: messageOf(error) });
}

/** An error's message, with that of its cause (`fetch failed` alone says nothing). */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? messageOf(error.cause) : '';
  return cause ? `${error.message}: ${cause}` : error.message || error.name;
}
