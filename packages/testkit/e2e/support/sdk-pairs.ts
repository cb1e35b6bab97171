/// <reference lib="dom" />
// What runs inside a page: one side of many pairs, each in a room of its own, with the SDK.

/** What these tests use of the SDK. */
interface Sdk {
  connect(where: object, options?: object): SdkSession;
  attach(pc: RTCPeerConnection, session: SdkSession, options: object): unknown;
}

interface SdkSession {
  on(event: string, listener: (event: never) => void): void;
  send(message: object): string;
}

/** What one side of a pair has seen. */
export interface Side {
  sent: number;
  /** Numbers that came through signaling, and through the data channel. */
  readonly signaled: number[];
  readonly channeled: number[];
  /** Whether each return to the room missed nothing. */
  readonly recovered: boolean[];
  /** Whatever should not have happened. */
  readonly trouble: string[];
  isOpen: boolean;
}

declare global {
  interface Window {
    parley: Sdk;
    sides: Side[];
    stopSending: () => void;
  }
}

/** Put into a page before it is used: `window.parley`. */
export const LOAD_SDK = "import * as parley from '/demo/parley-client.js'; window.parley = parley;";

export interface Pairs {
  readonly signalingUrl: string;
  readonly rooms: readonly string[];
  /** One side of all pairs calls. */
  readonly initiator: boolean;
  readonly everyMs: number;
}

/** One side of each pair; from when its data channel is open it sends numbers both ways, until it is told to stop. */
export function openSides({ signalingUrl, rooms, initiator, everyMs }: Pairs): void {
  const stops: (() => void)[] = [];
  window.stopSending = () => stops.forEach((stop) => stop());
  window.sides = rooms.map((roomId) => {
    const side: Side = { sent: 0, signaled: [], channeled: [], recovered: [], trouble: [], isOpen: false };
    const session = window.parley.connect({ roomId, signalingUrl });
    session.on('welcome', ({ isReturn, recovered }: { isReturn: boolean; recovered: boolean }) => {
      if (isReturn) side.recovered.push(recovered);
    });
    session.on('message', ({ type, payload }: { type: string; payload?: { n: number } }) => {
      if (type === 'control' && payload) side.signaled.push(payload.n);
    });
    for (const event of ['error', 'plain', 'closed', 'peer-disconnected']) {
      session.on(event, (what: unknown) => side.trouble.push(`${event} ${JSON.stringify(what)}`));
    }
    const pc = new RTCPeerConnection();
    pc.addEventListener('connectionstatechange', () => {
      if (!['connecting', 'connected'].includes(pc.connectionState)) side.trouble.push(pc.connectionState);
    });
    window.parley.attach(pc, session, { initiator });
    const use = (channel: RTCDataChannel) => {
      channel.addEventListener('open', () => {
        side.isOpen = true;
        const timer = setInterval(() => {
          side.sent += 1;
          channel.send(String(side.sent));
          const sent = session.send({ type: 'control', action: 'count', payload: { n: side.sent } });
          if (sent === 'refused') side.trouble.push(`refused ${side.sent}`);
        }, everyMs);
        stops.push(() => clearInterval(timer));
      });
      channel.addEventListener('message', ({ data }) => side.channeled.push(Number(data)));
      channel.addEventListener('close', () => side.trouble.push('channel closed'));
    };
    if (initiator) use(pc.createDataChannel('numbers'));
    else pc.addEventListener('datachannel', ({ channel }) => use(channel));
    return side;
  });
}
