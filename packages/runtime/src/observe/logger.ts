import { pino, type Logger as PinoLogger } from 'pino';
import pretty from 'pino-pretty';
import type { ServiceConfig } from '@parley/config';
import { errorFields } from './error-fields.js';

export type Logger = PinoLogger;

/** Fields that carry secrets, wherever they stand in a logged object. */
const SECRET_FIELDS = [
  'token',
  'resumeToken',
  'ownerToken',
  'authorization',
  'Authorization',
  'password',
  'credential',
  'secret',
  'HOST_SECRET',
  'HOST_SECRET_PREVIOUS',
  'ADMIN_TOKEN',
  'JWT_SECRET',
  'ROOM_TOKEN_SECRET',
  'REDIS_URL',
];
const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** The log of one service: JSON lines, or text for people with `PRETTY_LOGS`. Secrets never reach it. */
export function createLogger(
  name: string,
  { LOG_LEVEL, PRETTY_LOGS }: Pick<ServiceConfig, 'LOG_LEVEL' | 'PRETTY_LOGS'>,
): Logger {
  const options = {
    name,
    level: LOG_LEVEL,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: (error: unknown) => errorFields(error) },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Synchronous: a line under way at the exit would come after later ones, or never.
  const sync = { sync: true };
  return pino(options, PRETTY_LOGS ? pretty({ ...sync, ignore: 'pid,hostname' }) : pino.destination(sync));
}
