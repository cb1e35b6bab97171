import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';

/** One connection to it. */
export interface Visit {
  readonly socket: WebSocket;
  /** What came so far. */
  readonly messages: Record<string, unknown>[];
  say(message: object): void;
}

/** A server of `parley.v1` that welcomes one member as it is told, and does nothing else by itself. */
export async function startScripted(welcome: (visit: number) => object) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'parley.v1' });
  const visits: Visit[] = [];
  server.on('connection', (socket) => {
    const say = (message: object) => socket.send(JSON.stringify(message));
    const messages: Visit['messages'] = [];
    socket.on('message', (data) =>
      messages.push(JSON.parse((data as Buffer).toString()) as (typeof messages)[0]),
    );
    const base = { type: 'welcome', memberId: '~a', roomId: 'r', resumeToken: '~a.t', recovered: false };
    say({ ...base, resumeGraceMs: 10_000, members: [], ...welcome(visits.length) });
    visits.push({ socket, messages, say });
  });
  await once(server, 'listening');
  onTestFinished(() => {
    server.clients.forEach((each) => each.terminate());
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, visits };
}
