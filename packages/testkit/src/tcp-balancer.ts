import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One address in front of several instances, which come and go. */
export interface TcpBalancer {
  readonly port: number;
  /** Ports on 127.0.0.1 that are tried in turn from now on; connections that stand are left alone. */
  targets: readonly number[];
  stop(): Promise<void>;
}

/** Listen on loopback, and give each connection to the next target that accepts it; nothing is sticky. */
export async function startTcpBalancer(targets: readonly number[] = []): Promise<TcpBalancer> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('close', () => sockets.delete(socket));
  };
  let turn = 0;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    keep(client);
    client.on('error', () => client.destroy());
    const from = turn++ % Math.max(1, balancer.targets.length);
    const inTurn = [...balancer.targets.slice(from), ...balancer.targets.slice(0, from)];
    void firstThatAccepts(inTurn).then((target) => {
      if (!target) return client.resetAndDestroy();
      keep(target);
      join(client, target);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const balancer: TcpBalancer = {
    port: (server.address() as AddressInfo).port,
    targets,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return balancer;
}

async function firstThatAccepts(ports: readonly number[]): Promise<Socket | undefined> {
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1');
    const accepted = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (accepted) return socket;
  }
  return undefined;
}

/** What breaks on one side breaks on the other. */
function join(client: Socket, target: Socket): void {
  client.pipe(target);
  target.pipe(client);
  target.on('error', () => client.resetAndDestroy());
  client.on('close', () => target.destroy());
  target.on('close', () => client.destroy());
}
