// Ends with 0 if the service of this container answers a probe: node healthcheck.js /healthz|/readyz
import { get } from 'node:http';

const TIMEOUT_MS = 2_000;

const { BIND_ADDRESS, HEALTH_PORT, PORT } = process.env;
const options = {
  host: BIND_ADDRESS || '127.0.0.1',
  port: HEALTH_PORT || PORT,
  path: process.argv[2] ?? '/healthz',
  timeout: TIMEOUT_MS,
  agent: false,
};
process.exitCode = 1;
const request = get(options, (response) => {
  if (response.statusCode === 200) process.exitCode = 0;
  response.resume();
});
request.on('timeout', () => request.destroy());
request.on('error', () => undefined);
