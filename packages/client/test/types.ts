import { WebSocket as WsWebSocket } from 'ws';
import type { RTCPeerConnection as Werift } from 'werift';
import type { PeerConnection, WebSocketClass } from '../src/index.js';

export const a: WebSocketClass = WsWebSocket;
export const b: WebSocketClass = WebSocket;
export const c = (pc: RTCPeerConnection): PeerConnection => pc;
export const d = (pc: Werift): PeerConnection => pc;
