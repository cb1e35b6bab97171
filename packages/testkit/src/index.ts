export { uniqueId } from './ids.js';
export { startRedis, type RunningRedis } from '@parley/embedded-redis';
export { useRedis, type TestRedis } from './redis.js';
export { startService, type RunningService, type ServiceName } from './service-process.js';
export { openSocket, type TestSocket } from './socket.js';
export { waitFor } from './wait-for.js';
