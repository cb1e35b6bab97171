import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Host {
  readonly hostId: string;
  readonly roomId: string;
}

/** `generous` promises any host to everybody, also full and dead ones; `stingy` says no to everybody. */
export type Lie = 'generous' | 'stingy';

/** A matchmaker that does not keep its promises. */
export async function startLyingMatchmaker(lie: Lie): Promise<{ url: string; stop: () => void }> {
  const hosts = new Map<string, Host>();
  let asked = 0;

  const answer = (path: string, body: Host): [status: number, answer: object] => {
    if (path === '/api/host/heartbeat') {
      hosts.set(body.hostId, body);
      return [200, { success: true, ttl: 1 }];
    }
    const all = [...hosts.values()];
    const host = all[asked++ % all.length];
    if (lie === 'stingy' || !host) return [404, { found: false }];
    const { hostId, roomId } = host;
    return [200, { found: true, hostId, roomId, leaseId: `lease-${asked}`, expiresAt: Date.now() + 1_000 }];
  };

  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      const [status, body] = answer(request.url ?? '', JSON.parse(text) as Host);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
