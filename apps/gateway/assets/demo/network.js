let isCut = false;
/** @type {Set<WebSocket>} */
const open = new Set();

/** Not 1000 or 1001, which would say goodbye: the room is to take it for a connection that was lost. */
const LOST = 4000;

/** A WebSocket that fails while the network is cut. */
export class CuttableWebSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    open.add(this);
    this.addEventListener('close', () => open.delete(this));
    if (isCut) this.close();
  }
}

/** Break every connection to signaling, and let none be made for a while. What WebRTC has is left alone. */
export async function cutNetwork(forMs) {
  isCut = true;
  for (const socket of open) socket.close(LOST);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  isCut = false;
}
