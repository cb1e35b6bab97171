import { useCluster, useRedis, waitFor } from '@parley/testkit';
import { layouts } from './signaling.js';
import type { V1Client } from './v1.js';

/** Whatever Redis there is. */
export const useServers = () => [
  { server: 'one Redis', redis: useRedis() },
  { server: 'a Redis Cluster', redis: useCluster() },
];

/** What most tests of members hold for: on one instance and on two, with each of these. */
export const onEachLayout = (servers: ReturnType<typeof useServers>) =>
  servers.flatMap((server) => layouts.map((layout) => ({ ...server, ...layout })));

/** Candidates by their numbers, as they came. */
export const numbers = (client: V1Client): number[] =>
  client.of('candidate').map(({ candidate: text }) => Number(String(text).split(':')[1]));

/** All numbers from one to another one. */
export const upTo = (n: number, from = 1): number[] =>
  Array.from({ length: n - from + 1 }, (_, i) => from + i);

/** Break a client's connection without a word. */
export async function cut(client: V1Client): Promise<void> {
  client.socket.terminate();
  await client.waitClosed();
}

/** Wait for the first message of a type. */
export const isTold = (client: V1Client, type: string) =>
  waitFor(() => client.of(type)[0], `it is told ${type}`);
