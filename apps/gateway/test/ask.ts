/** One answer, with its JSON parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Asks a service. */
export type Ask = (
  method: Method,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Asks the service on a port of this machine. */
export function asker(port: number): Ask {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? (JSON.parse(text) as Answer['body']) : {},
    };
  };
}

/** Each time the next one, so that nothing works only because it was the same one again. */
export function inTurn<T>(each: readonly [T, ...T[]]): () => T {
  let turn = 0;
  return () => each[turn++ % each.length] ?? each[0];
}

/** Asks several in turn. */
export function askInTurn(asks: readonly [Ask, ...Ask[]]): Ask {
  const next = inTurn(asks);
  return (...call) => next()(...call);
}
