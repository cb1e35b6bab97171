export { createAuthority, type Certificate, type TestAuthority } from './certificates.js';
export { findChromium, problemsOf, type FoundChromium, type OpenBrowser } from './chromium.js';
export { startCluster, useCluster, type RunningCluster } from './cluster.js';
export { startCommandGate, type CommandGate, type CommandGateOptions } from './command-gate.js';
export { findCoturn, type Coturn } from './coturn.js';
export { generousLimits } from './generous-limits.js';
export { uniqueId } from './ids.js';
export { lookInside, type Inside } from './look-inside.js';
export {
  findDebianPrograms,
  findFreePort,
  startRedis,
  type ProgramsRequest,
  type RunningRedis,
} from '@parley/embedded-redis';
export { useRedis, type TestRedis } from './redis.js';
export { importService } from './service-import.js';
export { startService, type RunningService, type ServiceName } from './service-process.js';
export { markdownTable } from './markdown-table.js';
export { findNginx, type FoundNginx, type NginxOptions, type NginxText, type RunningNginx } from './nginx.js';
export { neededInCi } from './needed-in-ci.js';
export { openSocket, type SocketOptions, type TestSocket } from './socket.js';
export { startStore, useStore, type TestStore } from './store.js';
export { waitFor } from './wait-for.js';
export { startSentinel, useSentinel, type RunningSentinel } from './sentinel.js';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
export { startTcpBalancer, type TcpBalancer } from './tcp-balancer.js';
