import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Gate } from './gate.js';
import { relay } from './tcp-relay.js';

/** A network between a client and a server that misbehaves when it is told to. */
export interface TcpProxy {
  /** The target's URL with the proxy's address in it, or `host:port` if the target was that. */
  readonly url: string;
  readonly port: number;
  /** How long everything takes from now on, each way; 0 at first. */
  latencyMs: number;
  /** How much got through so far, both ways together. */
  readonly passedBytes: number;
  /** From now on nothing gets through; connections stay, and new ones are accepted and silent. */
  stall(): void;
  /** From now on the target gets everything, and no answer of it gets through. */
  stallAnswers(): void;
  /** Let through what was held back, in order, and everything after it. */
  resume(): void;
  /** Break every connection (RST); new ones work. */
  reset(): void;
  /** Break every connection and refuse new ones, as if the target were gone. */
  cut(): Promise<void>;
  /** Accept connections again, on the same port. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** Either side may end while the other still sends, and nothing waits to be sent together. */
const BOTH_WAYS = { allowHalfOpen: true, noDelay: true };

/**
 * Listen on loopback and pass everything on to a target.
 * @param target URL or `host:port`
 */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const to = new URL(target.includes('://') ? target : `tcp://${target}`);
  const network = new Network(() => connect({ ...BOTH_WAYS, host: to.hostname, port: Number(to.port) }));
  const port = await network.open(0);
  const url = target.replace(to.host, `127.0.0.1:${port}`);
  return {
    url,
    port,
    get latencyMs() {
      return network.latencyMs;
    },
    set latencyMs(latencyMs) {
      network.latencyMs = latencyMs;
    },
    get passedBytes() {
      return network.passedBytes;
    },
    stall: () => network.gates.forEach((gate) => gate.close()),
    stallAnswers: () => network.gates[1].close(),
    resume: () => network.gates.forEach((gate) => gate.open()),
    reset: () => network.reset(),
    cut: () => network.close(),
    restore: async () => void (await network.open(port)),
    stop: () => network.close(),
  };
}

class Network {
  latencyMs = 0;
  passedBytes = 0;
  /** To the target, and back. */
  readonly gates = [new Gate(), new Gate()] as const;
  readonly #dial: () => Socket;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(dial: () => Socket) {
    this.#dial = dial;
  }

  async open(port: number): Promise<number> {
    const server = createServer(BOTH_WAYS, (client) => this.#join(client));
    this.#server = server;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.reset();
    await closed;
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #join(client: Socket): void {
    const target = this.#dial();
    for (const socket of [client, target]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const network = {
      latencyMs: () => this.latencyMs,
      onPassed: (bytes: number) => void (this.passedBytes += bytes),
    };
    const [there, back] = this.gates;
    relay(client, target, { ...network, gate: there });
    relay(target, client, { ...network, gate: back });
  }
}
