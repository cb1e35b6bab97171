import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer, type WebSocket } from 'ws';

/** A list that grows, and can be waited on. */
export class Inbox<T> {
  private readonly items: T[] = [];
  private wake: () => void = () => {};

  add(item: T): void {
    this.items.push(item);
    this.wake();
  }

  /** Resolves with the oldest item that was not taken yet. */
  async take(): Promise<T> {
    while (this.items.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.items.shift() as T;
  }

  /** Takes items until one fits; the ones before it are dropped. */
  async takeUntil(fits: (item: T) => boolean): Promise<T> {
    for (;;) {
      const item = await this.take();
      if (fits(item)) return item;
    }
  }

  get size(): number {
    return this.items.length;
  }
}

export type Message = { type: string } & Record<string, unknown>;

/** A socket that an example opened, as seen from the other end. */
export interface Member {
  readonly request: IncomingMessage;
  readonly socket: WebSocket;
  readonly received: Inbox<Message>;
  send(message: Message): void;
}

/** The other end of the wire for one test: takes sockets and requests, and shows exactly what came. */
export interface BareServices {
  readonly signalingUrl: string;
  readonly matchmakerUrl: string;
  readonly members: Inbox<Member>;
  readonly requests: Inbox<{
    line: string;
    authorization: string | undefined;
    body: Record<string, unknown>;
  }>;
  /** Added to the next heartbeat's answer. */
  assignments: object[];
  close(): void;
}

export async function startBareServices(): Promise<BareServices> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services: BareServices = {
    signalingUrl: `ws://${authority}`,
    matchmakerUrl: `http://${authority}`,
    members: takeSockets(server),
    requests: new Inbox(),
    assignments: [],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  takeRequests(server, services);
  return services;
}

function takeSockets(server: Server): Inbox<Member> {
  const members = new Inbox<Member>();
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    const received = new Inbox<Message>();
    socket.on('message', (data: Buffer) => received.add(JSON.parse(data.toString('utf8')) as Message));
    members.add({ request, socket, received, send: (message) => socket.send(JSON.stringify(message)) });
  });
  return members;
}

function takeRequests(server: Server, services: BareServices): void {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    services.requests.add({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body: body ? (JSON.parse(body) as Record<string, unknown>) : {},
    });
    response.end(JSON.stringify({ success: true, ttl: 30, assignments: services.assignments.splice(0) }));
  };
  server.on('request', (request, response) => void answer(request, response));
}
