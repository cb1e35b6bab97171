import { describe, expect, it } from 'vitest';
import { addRemoteCandidate, askOnlyNamedServers, createPeer, withoutHiddenCandidates } from '../src/peer.js';

const hidden = 'candidate:1 1 udp 2113937151 225897ad-91ac-4b87-a68f-38c82c435728.local 50019 typ host';

describe('peer connection', () => {
  it('gathers without asking any server where none is named', async () => {
    const peer = createPeer([]);
    peer.createDataChannel('x');
    askOnlyNamedServers(peer);
    expect(peer.iceTransports.map(({ connection }) => connection.stunServer)).toEqual([undefined]);
    await peer.setLocalDescription(await peer.createOffer());
    expect(peer.localDescription?.sdp).toMatch(/a=candidate:.* 127\.0\.0\.1 /);
    await peer.close();
  });

  it('keeps the servers that are named', async () => {
    const peer = createPeer([{ urls: 'stun:127.0.0.1:3479' }]);
    peer.createDataChannel('x');
    askOnlyNamedServers(peer);
    expect(peer.iceTransports.map(({ connection }) => connection.stunServer)).toEqual([['127.0.0.1', 3479]]);
    await peer.close();
  });

  it('does not wait for a name behind which a browser hides its address', async () => {
    const [offering, answering] = [createPeer([]), createPeer([])];
    offering.createDataChannel('x');
    await answering.setRemoteDescription(await offering.createOffer());
    const startedAtMs = performance.now();
    await addRemoteCandidate(answering, { candidate: hidden, sdpMid: '0', sdpMLineIndex: 0 });
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    await Promise.all([offering.close(), answering.close()]);
  });

  it('takes such names and the end of candidates out of a description, and nothing else', () => {
    const open = 'a=candidate:2 1 udp 2113937151 127.0.0.1 50020 typ host';
    const sdp = ['v=0', `a=${hidden}`, open, 'a=end-of-candidates', 'a=mid:0', ''].join('\r\n');
    expect(withoutHiddenCandidates(sdp)).toBe(['v=0', open, 'a=mid:0', ''].join('\r\n'));
  });
});
