import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A TURN provider on loopback that answers as Metered does, or refuses. */
export interface FakeMetered {
  /** For METERED_DOMAIN. */
  readonly domain: string;
  refuses: boolean;
  readonly stop: () => void;
}

interface Answers {
  /** The key of one credential. */
  readonly apiKey: string;
  readonly username: string;
  readonly credential: string;
}

/** Start one that gives out these. */
export async function startMetered({ apiKey, username, credential }: Answers): Promise<FakeMetered> {
  const answerTo = (method: string | undefined): object =>
    method === 'POST' ? { apiKey } : [{ urls: 'turn:127.0.0.1:3478', username, credential }];
  const fake = { refuses: false };
  const server: Server = createServer((request, response) => {
    request.resume();
    response.statusCode = fake.refuses ? 401 : 200;
    response.end(JSON.stringify(fake.refuses ? { error: request.url } : answerTo(request.method)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    domain: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  });
}
