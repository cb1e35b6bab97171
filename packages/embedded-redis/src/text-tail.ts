const MAX_CHARACTERS = 8_192;

/** The last few kilobytes of a stream of text. */
export class TextTail {
  text = '';

  add(chunk: Buffer): void {
    this.text = (this.text + chunk.toString('utf8')).slice(-MAX_CHARACTERS);
  }
}
