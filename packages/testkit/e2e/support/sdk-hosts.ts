/// <reference lib="dom" />
// What runs inside a page: a host that streams a canvas, and a player of a gateway's room, with nothing but the SDK.

/** What these tests use of the SDK. */
interface Sdk {
  createHost(options: object): SdkHost;
  joinRoom(gatewayUrl: string, roomId: string): Promise<object>;
  connect(where: object): SdkEvents;
  attach(pc: RTCPeerConnection, session: SdkEvents, options: object): unknown;
}

interface SdkEvents {
  on(event: string, listener: (event: never) => void): void;
}

interface SdkHost extends SdkEvents {
  readonly hostId: string;
  close(): Promise<void>;
}

interface InPage {
  readonly parley: Sdk;
  host: SdkHost;
  /** What came over the data channels of a player's connections. */
  heard: string[];
}

export interface HostPage {
  readonly matchmakerUrl: string;
  readonly signalingUrl: string;
  readonly hostSecret: string;
  readonly region: string;
}

/** Be a host; says its id to everybody who plays. @returns its id, when it is ready */
export async function hostInPage(options: HostPage): Promise<string> {
  const page = window as unknown as InPage;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  let n = 0;
  setInterval(() => context?.fillRect((n += 3) % 300, 20, 5, 5), 30);
  const stream = canvas.captureStream(30);
  const host = page.parley.createHost({
    ...options,
    // To the pool a page in its own room is a client until it has answered there: one slot counts as taken.
    capacity: 2,
    createPeer: () => {
      const pc = new RTCPeerConnection();
      for (const track of stream.getTracks()) pc.addTrack(track, stream);
      pc.addEventListener('datachannel', ({ channel }) => {
        channel.addEventListener('open', () => channel.send(host.hostId));
      });
      return pc;
    },
  });
  page.host = host;
  await new Promise((resolve) => host.on('ready', resolve));
  return host.hostId;
}

export interface PlayerPage {
  readonly gatewayUrl: string;
  readonly roomId: string;
  /** How long it takes to make a new connection when the room has moved. */
  readonly againAfterMs: number;
}

/** Play in a room, and make a new connection whenever the room has moved. */
export async function playInPage({ gatewayUrl, roomId, againAfterMs }: PlayerPage): Promise<void> {
  const page = window as unknown as InPage;
  page.heard = [];
  const session = page.parley.connect(await page.parley.joinRoom(gatewayUrl, roomId));
  const call = () => {
    const pc = new RTCPeerConnection();
    page.parley.attach(pc, session, { initiator: true });
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.createDataChannel('greetings').addEventListener('message', ({ data }) =>
      page.heard.push(String(data)),
    );
  };
  session.on('migrated', () => (againAfterMs > 0 ? setTimeout(call, againAfterMs) : call()));
  call();
}

/** The host of this page says goodbye. */
export const stopHosting = (): Promise<void> => (window as unknown as InPage).host.close();

/** What came over the data channels of a player's connections. */
export const heardInPage = (): string[] => (window as unknown as InPage).heard;
