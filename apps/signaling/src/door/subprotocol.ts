/** Promises a welcome and all that follows; a client that was told so would wait for it. */
const UNSERVED = 'parley.v1';

/**
 * Which of the subprotocols that a client offers is chosen. Browsers fail without a reason where none is, so a refusal
 * chooses one, too; but never one that this server does not speak.
 * @param required what every client must offer, if anything
 * @returns undefined where there is nothing to choose
 */
export function chosenSubprotocol(
  offered: ReadonlySet<string>,
  required: string | undefined,
): string | undefined {
  if (required !== undefined && offered.has(required)) return required;
  return [...offered].find((name) => name !== UNSERVED);
}
