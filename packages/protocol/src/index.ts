export * from './close-codes.js';
export * from './gateway.js';
export * from './ids.js';
export * from './matchmaker.js';
export * from './metadata.js';
export * from './problems.js';
export * from './signaling.js';
export * from './wanted-regions.js';
