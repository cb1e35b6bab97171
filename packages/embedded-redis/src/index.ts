export { findDebianPrograms, type FoundPrograms, type ProgramsRequest } from './debian-programs.js';
export { dieWithParent } from './die-with-parent.js';
export { RedisStartError, RedisUnavailableError, type FailedAttempt } from './errors.js';
export { findRedisServer, type FindOptions } from './find-server.js';
export { findFreePort } from './free-port.js';
export type { BinarySource, RedisBinary } from './redis-binary.js';
export { startRedis, type RunningRedis, type StartOptions } from './start-redis.js';
export { supervise, type Exit, type Supervised } from './supervise.js';
export type { SupervisedCommand } from './supervisor-protocol.js';
