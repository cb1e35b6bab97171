export const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n' };
export const answer = { type: 'answer', sdp: 'v=0\r\n' };
export const candidate = (n: number) => ({
  type: 'candidate',
  candidate: `candidate:${n}`,
  sdpMid: '0',
  sdpMLineIndex: 0,
});
export const peerDisconnected = { type: 'peer-disconnected' };
export const schemaError = { type: 'control', action: 'schema-error' };
export const rateLimited = { type: 'control', action: 'rate-limited' };
