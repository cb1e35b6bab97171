// No test runs this: it compiles as long as these fit what the SDK asks for.
import { WebSocket as WsWebSocket } from 'ws';
import type { RTCPeerConnection as Werift } from 'werift';
import type { PeerConnection, WebSocketClass } from '../src/index.js';

export const ofWs: WebSocketClass = WsWebSocket;
export const ofBrowsers: WebSocketClass = WebSocket;
export const connectionOfBrowsers = (pc: RTCPeerConnection): PeerConnection => pc;
export const connectionOfWerift = (pc: Werift): PeerConnection => pc;
