export { createIceProvider, type IceAnswer, type IceProvider } from './ice-provider.js';
export { mintTurnCredential, type TurnCredential } from './coturn.js';
