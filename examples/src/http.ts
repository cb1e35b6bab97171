const timeoutMs = 5000;

/** What a service answered: the status, and the body where it was JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * Sends a request with a JSON body and reads a JSON answer, whatever its status.
 * @param bearer sent as `Authorization: Bearer`, where given
 * @throws if there is no answer within 5 s
 */
export async function requestJson(
  method: 'POST' | 'DELETE',
  url: string,
  body?: object,
  bearer?: string,
): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, body: jsonObject(await response.text()) };
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
