import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis(['api', 'concurrency', 'hosts', 'rooms', 'sessions', 'tokens']);
