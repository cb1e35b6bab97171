import type { RTCDataChannel } from 'werift';

/** Messages on their way at any time; werift grows very slow with thousands in its queue. */
const windowSize = 32;

/**
 * Sends `count` messages over an open channel; resolves once each has come back, in order.
 * @throws at the first echo that is not the one expected, or when the channel closes before the last
 */
export function checkEchoes(channel: RTCDataChannel, count: number): Promise<void> {
  const messageAt = (index: number): string => `message ${index + 1} of ${count}`;
  const send = (index: number): void => {
    if (index < count) channel.send(messageAt(index));
  };
  let echoed = 0;
  return new Promise((resolve, reject) => {
    channel.onMessage.subscribe((data) => {
      const echo = data.toString();
      if (echo !== messageAt(echoed)) {
        return reject(new Error(`expected the echo of "${messageAt(echoed)}", got "${echo}"`));
      }
      send(echoed + windowSize);
      echoed += 1;
      if (echoed === count) resolve();
    });
    channel.stateChanged.subscribe((state) => {
      if (state === 'closed') reject(new Error(`channel closed after ${echoed} of ${count} echoes`));
    });
    for (let index = 0; index < windowSize; index += 1) send(index);
  });
}
