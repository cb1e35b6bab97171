/** Something that went wrong in an expected way: its message is all that the user needs, without a stack. */
export class Failure extends Error {
  /** @override */
  name = 'Failure';
}
