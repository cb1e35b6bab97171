/** One server-sent event. */
export interface ServerSentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/**
 * Reads server-sent events (HTML Living Standard, "Interpreting an event stream") out of pieces of text.
 * @param onRetry told how long the server wants us to wait before we come back, ms
 */
export function createEventReader(onRetry: (ms: number) => void): (piece: string) => ServerSentEvent[] {
  let rest = '';
  let id = '';
  let type = '';
  let data: string[] = [];

  const field = (line: string): void => {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
  };

  return (piece) => {
    const events: ServerSentEvent[] = [];
    // A \r at the end may be half of \r\n.
    const text = rest + piece;
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') field(line);
      else {
        if (data.length > 0) events.push({ id, type: type || 'message', data: data.join('\n') });
        type = '';
        data = [];
      }
    }
    return events;
  };
}
