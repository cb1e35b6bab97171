export { simulate } from './simulate.js';
export { start } from './start/start.js';
export { verify } from './verify/verify.js';
