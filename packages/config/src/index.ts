export { ConfigError, loadConfig, type SettingIssue } from './load.js';
export { readEnvironment } from './environment.js';
export { defineSettings, type ConfigOf, type Settings } from './settings.js';
export { gatewaySettings, type GatewayConfig } from './services/gateway.js';
export { matchmakerSettings, type MatchmakerConfig } from './services/matchmaker.js';
export { signalingSettings, type SignalingConfig } from './services/signaling.js';
export type { RedisConfig } from './fragments/redis.js';
export type { ServiceConfig } from './fragments/service.js';
export { signalingUrl } from './fragments/signaling-url.js';
