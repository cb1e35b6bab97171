import { z } from 'zod';
import { flag, integer, port, word } from '../values.js';
import { traceSettings } from './traces.js';
import { trustedProxies } from './trusted-proxies.js';

/** What every service has. `PORT` gets its default from each service. */
export const serviceSettings = (defaultPort: number) => ({
  NODE_ENV: word(['development', 'production', 'test'])
    .default('development')
    .describe('`production` refuses insecure defaults'),
  PORT: port().default(defaultPort).describe('port to listen on; 0 lets the system choose'),
  BIND_ADDRESS: z.string().optional().describe('address to listen on; all interfaces when not set'),
  TRUST_PROXY: trustedProxies()
    .default('0')
    .describe(
      'proxies whose `X-Forwarded-For` is believed: how many there are, or their addresses (`10.0.0.0/8,::1`, `loopback`, `private`)',
    ),
  HEALTH_PORT: port().optional().describe('serve `/healthz`, `/readyz` and `/metrics` on this port as well'),
  LOG_LEVEL: word(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least severe level that is logged; SIGUSR2 switches to `debug` and back'),
  PRETTY_LOGS: flag().default(false).describe('log for people instead of as JSON lines'),
  DRAIN_TIMEOUT_MS: integer('milliseconds', 0, 600_000)
    .default(5_000)
    .describe('longest time from a stop signal to the exit'),
  ...traceSettings,
});

export type ServiceConfig = Readonly<z.output<z.ZodObject<ReturnType<typeof serviceSettings>>>>;
