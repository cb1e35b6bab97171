import { target } from './target.js';

/** An HTTP answer with its JSON body. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post(url: string, body: object, bearer?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** What a host says of itself; in the suite always in a region that no other test uses. */
export interface Heartbeat {
  readonly hostId: string;
  readonly roomId: string;
  readonly region: string;
  readonly [field: string]: unknown;
}

export const heartbeat = (body: Heartbeat): Promise<Answer> =>
  post(`${target.matchmakerUrl}/api/host/heartbeat`, body, target.hostSecret);

export const findMatch = (body: object): Promise<Answer> =>
  post(`${target.matchmakerUrl}/api/match/find`, body);

export const createRoom = (body: object): Promise<Answer> => post(`${target.gatewayUrl}/api/rooms`, body);

export const joinRoom = (roomId: string): Promise<Answer> =>
  post(`${target.gatewayUrl}/api/rooms/${encodeURIComponent(roomId)}/join`, {});
