import { randomBytes } from 'node:crypto';
import { SimulatedHost } from './host.js';
import { between, oneOf, type World } from './world.js';

/** Names of regions that nobody else has, so that a deployment's own hosts and clients are left alone. */
export function makeRegions(): string[] {
  const run = randomBytes(3).toString('hex');
  return ['eu', 'us', 'ap', 'sa'].map((region) => `sim-${run}-${region}`);
}

const REPORTS_TRUTH = 0.5;

/** Half of the hosts stream (if there is signaling for them), half of these always say idle; the others are game servers. */
export function populate(world: World): void {
  const run = randomBytes(3).toString('hex');
  for (let number = 0; number < world.options.hosts; number++) {
    const streams = world.signalingUrl !== undefined && number % 2 === 0;
    const book = world.books.addHost({
      hostId: `sim-${run}-host-${number}`,
      kind: streams ? 'streaming' : 'game',
      region: world.regions[(number >> 1) % world.regions.length] ?? '',
      says: streams && (number >> 1) % 2 === 0 ? 'idle' : 'truth',
      slots: streams ? 1 : Math.round(between(1, 8)),
    });
    const reserved = streams ? 0 : oneOf([0, 0, 2]);
    const plan = { book, reserved, tellsRooms: Math.random() < REPORTS_TRUTH };
    world.hosts.set(book.hostId, new SimulatedHost(plan, world));
  }
}
