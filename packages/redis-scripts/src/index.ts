export { RedisConnection, type ConnectionEvents } from './connection/connection.js';
export { RedisUnavailableError, UnsafeRedisError } from './connection/errors.js';
export { createKeys, type Keys } from './keys.js';
