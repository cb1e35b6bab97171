import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CommandReader, commandName } from './command-reader.js';
import { uniqueId } from './ids.js';

/** A way to Redis for one process, which can be barred after a number of commands. */
export interface CommandGate {
  /** For the process that is to go this way. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the commands that came by so far; a script's is its digest. */
  readonly seen: ReadonlySet<string>;
  /**
   * Let so many commands more reach Redis, then nothing, and no answer to the last of them either. Resolves once Redis
   * has carried that one out, with its name; for 0 as soon as a first one comes, which Redis never gets.
   */
  holdAfter(commands: number): Promise<string>;
  /** Break every connection; what was held back is dropped. */
  stop(): Promise<void>;
}

/** Commands that pass uncounted: what a service sends without being asked for anything. */
export interface CommandGateOptions {
  readonly uncounted?: ReadonlySet<string>;
}

/**
 * Stand between one process and its Redis, single or Cluster: a SIGKILL while the gate holds is a death between two
 * commands, exactly there.
 * @param env how a service finds that Redis: `REDIS_URL` or `REDIS_CLUSTER_NODES`
 */
export async function startCommandGate(
  env: Readonly<Record<string, string>>,
  { uncounted = new Set() }: CommandGateOptions = {},
): Promise<CommandGate> {
  const cluster = env['REDIS_CLUSTER_NODES'];
  const url = new URL(env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
  const addresses = cluster === undefined ? [url.host] : cluster.split(',');
  const gate = new Barrier(uncounted);
  const doors: Door[] = [];
  for (const address of addresses) doors.push(await openDoor(address, gate));
  // Nodes of a Cluster name each other in their answers; by those names nobody must get around the gate.
  if (cluster !== undefined) {
    for (const { target, port } of doors) gate.renames.set(`:${target.split(':')[1]}`, `:${port}`);
  }
  url.host = `127.0.0.1:${doors[0]?.port}`;
  return {
    env:
      cluster === undefined
        ? { ...env, REDIS_URL: url.href }
        : { ...env, REDIS_CLUSTER_NODES: doors.map(({ port }) => `127.0.0.1:${port}`).join(',') },
    seen: gate.seen,
    holdAfter: (commands) => gate.holdAfter(commands),
    stop: async () => void (await Promise.all(doors.map((door) => door.close()))),
  };
}

/** What all connections through a gate have in common: how many commands are left to pass. */
class Barrier {
  readonly seen = new Set<string>();
  readonly renames = new Map<string, string>();
  readonly connections = new Set<Connection>();
  #left = Number.POSITIVE_INFINITY;
  #isHolding = false;
  #held: (command: string) => void = () => {};

  constructor(private readonly uncounted: ReadonlySet<string>) {}

  get isHolding(): boolean {
    return this.#isHolding;
  }

  holdAfter(commands: number): Promise<string> {
    this.#left = commands;
    return new Promise((resolve) => (this.#held = resolve));
  }

  /** Pass a command on, or hold it back from now on. */
  admit(command: string, pass: () => void): void {
    if (this.#isHolding) return;
    this.seen.add(command);
    const counts = !this.uncounted.has(command);
    if (counts && this.#left === 0) {
      this.#isHolding = true;
      this.#held(command);
      return;
    }
    pass();
    if (!counts) return;
    this.#left -= 1;
    if (this.#left !== 0) return;
    this.#isHolding = true;
    void Promise.all([...this.connections].map((each) => each.carriedOut())).then(() => this.#held(command));
  }
}

interface Door {
  readonly target: string;
  readonly port: number;
  close(): Promise<void>;
}

async function openDoor(target: string, gate: Barrier): Promise<Door> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (client) => {
    const redis = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    const connection = new Connection(client, redis, gate);
    gate.connections.add(connection);
    client.on('close', () => gate.connections.delete(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Whole commands one way, as long as the gate says; whole lines of answers the other way. */
class Connection {
  readonly #reader = new CommandReader();
  /** What only Redis knows to answer once it has carried out everything before it. */
  readonly #mark = uniqueId('mark');
  #answers = '';
  #done: () => void = () => {};

  constructor(
    private readonly client: Socket,
    private readonly redis: Socket,
    private readonly gate: Barrier,
  ) {
    client.on('data', (chunk) => this.#ask(chunk));
    redis.on('data', (chunk) => this.#answer(chunk));
    redis.on('close', () => this.#done());
  }

  /** Resolves when Redis has done all that was passed on; the client hears no more of it. */
  carriedOut(): Promise<void> {
    this.redis.write(`*2\r\n$4\r\nECHO\r\n$${this.#mark.length}\r\n${this.#mark}\r\n`);
    return new Promise((resolve) => (this.#done = resolve));
  }

  #ask(chunk: Buffer): void {
    for (const { bytes, parts } of this.#reader.read(chunk)) {
      this.gate.admit(commandName(parts), () => this.redis.write(bytes));
    }
  }

  #answer(chunk: Buffer): void {
    this.#answers += chunk.toString('latin1');
    if (this.gate.isHolding) {
      if (this.#answers.includes(this.#mark)) this.#done();
      return;
    }
    const end = this.#answers.lastIndexOf('\n') + 1;
    let whole = this.#answers.slice(0, end);
    this.#answers = this.#answers.slice(end);
    for (const [from, to] of this.gate.renames) whole = whole.replaceAll(`${from}\r\n`, `${to}\r\n`);
    this.client.write(whole, 'latin1');
  }
}
