/** What only the server of `parley.v1` says. */
const SAID = /^(welcome|draining|peer-(joined|away)|chat|private|typing|user-(joined|left)|error|probe)$/;

/** Whether listeners are told it under its own name; all else is what members send each other. */
export const isNews = (type: string): type is 'peer-disconnected' =>
  SAID.test(type) || type === 'peer-disconnected';

/** Fields of it that are text wherever they are. */
const TEXTS = ['memberId', 'resumeToken', 'userId', 'text', 'state', 'code', 'detail'];

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Whether what is used of a message without another look is what it should be. Anything else is left out: a server, or in
 * the plain dialect a member, may send whatever it likes (E2). What descriptions and candidates say is for the connection
 * to judge.
 */
export function isSound(message: Record<string, unknown>, isV1: boolean): boolean {
  const { type, from = '', seq = 1, members } = message;
  if (!isText(type) || !isText(from) || !Number.isSafeInteger(seq)) return false;
  if (!SAID.test(type)) return true;
  const peers = (type === 'welcome' ? members : []) as ({ memberId?: unknown } | null)[];
  return (
    isV1 &&
    TEXTS.every((name) => isText(message[name] ?? '')) &&
    Array.isArray(peers) &&
    [...peers, type === 'welcome' ? message : { memberId: '' }].every((each) => isText(each?.memberId))
  );
}
