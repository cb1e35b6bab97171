import { createServer } from 'node:net';
import { Failure } from './failure.js';

/** What listens where, and the variable that changes it. */
const PORTS = /** @type {const} */ ([
  { key: 'matchmaker', name: 'the matchmaker', variable: 'MATCHMAKER_PORT', port: 8080 },
  { key: 'gateway', name: 'the gateway', variable: 'GATEWAY_PORT', port: 8090 },
  { key: 'signaling', name: 'the first signaling instance', variable: 'SIGNALING_PORT', port: 3002 },
  { key: 'signaling2', name: 'the second signaling instance', variable: 'SIGNALING_2_PORT', port: 3003 },
]);

/**
 * The ports that `npm start` uses. Throws a Failure that names each one that cannot be had.
 * @param {NodeJS.ProcessEnv} env
 */
export async function refuseTakenPorts(env) {
  const wanted = PORTS.map((each) => ({ ...each, port: portFrom(env[each.variable], each) }));
  const complaints = [];
  for (const [index, { name, variable, port }] of wanted.entries()) {
    const earlier = wanted.slice(0, index).find((each) => each.port === port);
    if (earlier)
      complaints.push(`  ${port}, for ${name}, is also ${earlier.name}'s: set ${variable} to another port`);
    else if (!(await isFree(port)))
      complaints.push(`  ${port}, for ${name}: set ${variable} to another port`);
  }
  if (complaints.length > 0) {
    throw new Failure(
      `These ports are taken:\n${complaints.join('\n')}\nFor example: MATCHMAKER_PORT=18080 npm start`,
    );
  }
  const ports = Object.fromEntries(wanted.map(({ key, port }) => [key, port]));
  return /** @type {Record<typeof PORTS[number]['key'], number>} */ (ports);
}

/**
 * @param {string | undefined} text
 * @param {{ variable: string, port: number }} fallback
 */
function portFrom(text, { variable, port }) {
  if (!text) return port;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new Failure(`${variable}: expected a port from 1 to 65535`);
}

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
