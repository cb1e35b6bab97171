import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { RTCDtlsTransport, RTCPeerConnection, type RTCDataChannel } from 'werift';

/** A connection for data channels on this machine; closed at the end of the test. */
export function createPeer(): RTCPeerConnection {
  const pc = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    bundlePolicy: 'max-bundle',
  });
  const setLocalDescription = pc.setLocalDescription.bind(pc) as () => Promise<never>;
  pc.setLocalDescription = () => {
    // It asks a server outside where none is named.
    for (const transport of pc.iceTransports) delete transport.connection.stunServer;
    return setLocalDescription();
  };
  pc.signalingStateChange.subscribe((state) => state === 'stable' && void startRestarted(pc));
  onTestFinished(() => pc.close());
  return pc;
}

/** Connections of another page have another certificate; werift has one for the whole process. */
export function forgetCertificate(): void {
  Object.assign(RTCDtlsTransport, { localCertificate: undefined, localCertificatePromise: undefined });
}

/** After an ICE restart werift negotiates, and never starts the checks: a connection that stood has none any more. */
async function startRestarted(pc: RTCPeerConnection): Promise<void> {
  for (const { state, iceTransport } of pc.dtlsTransports) {
    const { connection } = iceTransport;
    const wasRestarted = () =>
      state === 'connected' && pc.connectionState !== 'closed' && !connection.nominated;
    while (wasRestarted() && !connection.localCandidatesEnd) await setTimeout(10);
    if (wasRestarted() && iceTransport.state !== 'checking') await iceTransport.start().catch(() => {});
  }
}

/** Resolves when the channel is open. */
export function opened(channel: RTCDataChannel): Promise<RTCDataChannel> {
  if (channel.readyState === 'open') return Promise.resolve(channel);
  return new Promise((resolve) =>
    channel.stateChanged.subscribe((state) => state === 'open' && resolve(channel)),
  );
}

/** Send back whatever comes over a connection's channels. */
export function echo(pc: RTCPeerConnection): RTCPeerConnection {
  pc.onDataChannel.subscribe((channel) => channel.onMessage.subscribe((data) => channel.send(data)));
  return pc;
}

/** Send a text and wait for its echo. */
export async function roundTrip(channel: RTCDataChannel, text: string): Promise<void> {
  const back = new Promise<string>((resolve) => {
    const { unSubscribe } = channel.onMessage.subscribe((data) => {
      if (data.toString() !== text) return;
      unSubscribe();
      resolve(text);
    });
  });
  channel.send(text);
  await back;
}
