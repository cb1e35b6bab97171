import type { Grant, HostKind } from './books.js';
import type { SimulatedHost } from './host.js';
import { between, noteTrouble, oneOf, type World } from './world.js';

/** What a client asks for. */
interface Wish {
  readonly kind: HostKind;
  readonly seats: number;
  /** Where it would go; anywhere if absent. */
  readonly regions?: readonly string[];
  /** How it says so. */
  readonly body: object;
}

/** A slot that was found. */
export interface Found {
  readonly grant: Grant;
  readonly host: SimulatedHost;
  readonly signalingUrl: string;
  readonly roomId: string;
}

const PARTY_SHARE = 0.15;

function wishedRegions({ regions, options }: World): { regions?: readonly string[]; body: object } {
  const two = [oneOf(regions), oneOf(regions)];
  const draw = Math.random();
  if (draw < 0.6) return { regions: two.slice(1), body: { region: two[1] } };
  if (draw < 0.8) return { regions: two, body: { regions: two } };
  // Elsewhere, hosts that are not ours may be anywhere.
  if (draw < 0.9 && options.url === undefined) return { body: {} };
  const latencies = Object.fromEntries(regions.map((region) => [region, Math.round(between(5, 90))]));
  return { regions, body: { latencies } };
}

/** A request as any client might make it. */
export function makeWish(world: World): Wish {
  const kind = world.signalingUrl !== undefined && Math.random() < 0.5 ? 'streaming' : 'game';
  const seats = kind === 'game' && Math.random() < PARTY_SHARE ? Math.round(between(2, 4)) : 1;
  const strategy = oneOf(['least-loaded', 'packed', 'random']);
  const { regions, body } = wishedRegions(world);
  return { kind, seats, ...(regions && { regions }), body: { ...body, kind, seats, strategy } };
}

/** Ask for a match and write the answer down. Undefined when there was none, for whatever reason. */
export async function find(world: World, clientId: string, wish: Wish): Promise<Found | undefined> {
  const { api, books, nowMs } = world;
  const { kind, seats, regions } = wish;
  const sentAtMs = nowMs();
  const answer = await api
    .find(wish.body)
    .catch((error: unknown) => ({ status: 0, body: { detail: String(error) } }));
  const receivedAtMs = nowMs();
  world.findMs.push(receivedAtMs - sentAtMs);
  const { status, body } = answer as { status: number; body: Record<string, unknown> };
  if (status === 404) {
    books.refusals.push({ clientId, kind, seats, ...(regions && { regions }), sentAtMs, receivedAtMs });
    return undefined;
  }
  if (status !== 200) {
    books.lostFinds.push({
      seats,
      sentAtMs,
      endedAtMs: receivedAtMs,
      why: `${status} ${String(body['detail'])}`,
    });
    noteTrouble(world, `find: ${status} ${String(body['detail'])}`);
    return undefined;
  }
  const host = world.hosts.get(String(body['hostId']));
  if (!host) {
    books.foreign += 1;
    return undefined;
  }
  const expiresAtMs = Number(body['expiresAt']) - (Date.now() - nowMs());
  const grant = { clientId, leaseId: String(body['leaseId']), seats, sentAtMs, receivedAtMs, expiresAtMs };
  host.book.grants.push(grant);
  return { grant, host, signalingUrl: String(body['signalingUrl']), roomId: String(body['roomId']) };
}
