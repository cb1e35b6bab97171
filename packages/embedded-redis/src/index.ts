export { findDebianPrograms, type FoundPrograms, type ProgramsRequest } from './debian-programs.js';
export { RedisStartError, RedisUnavailableError, type FailedAttempt } from './errors.js';
export { findRedisServer, type FindOptions } from './find-server.js';
export type { BinarySource, RedisBinary } from './redis-binary.js';
export { startRedis, type RunningRedis, type StartOptions } from './start-redis.js';
