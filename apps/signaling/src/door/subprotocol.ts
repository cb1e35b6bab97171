import { PARLEY_V1 } from '@parley/protocol';

/**
 * Which of the subprotocols that a client offers is chosen: `parley.v1` wherever it is among them. Browsers fail without a
 * reason where none is chosen, so a refusal chooses one, too.
 * @param required what every client must offer, if anything
 * @returns undefined where there is nothing to choose
 */
export function chosenSubprotocol(
  offered: ReadonlySet<string>,
  required: string | undefined,
): string | undefined {
  if (offered.has(PARLEY_V1)) return PARLEY_V1;
  if (required !== undefined && offered.has(required)) return required;
  return [...offered][0];
}
