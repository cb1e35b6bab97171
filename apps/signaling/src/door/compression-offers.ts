import type { IncomingMessage } from 'node:http';

const SERVER_WINDOW = /;\s*server_max_window_bits\s*=\s*"?(\d+)/i;

/**
 * The extensions that a client offers, without compression in a smaller window than is used here: these are declined, and
 * the connection goes on with another offer or without (RFC 7692 §5.1).
 * @param windowBits base-2 logarithm of the window's size, bytes
 * @returns undefined when none is left
 */
export function fittingOffers({ headers }: IncomingMessage, windowBits: number): string | undefined {
  const offers = headers['sec-websocket-extensions']?.split(',') ?? [];
  const fitting = offers.filter(
    (offer) => Number(SERVER_WINDOW.exec(offer)?.[1] ?? windowBits) >= windowBits,
  );
  return fitting.length > 0 ? fitting.join(',').trim() : undefined;
}
