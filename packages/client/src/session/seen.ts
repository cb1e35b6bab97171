/** The highest number that came from each sender: what a resume tells the server. */
export class Seen extends Map<string, number> {
  note({ from, seq }: { readonly from?: string | undefined; readonly seq?: number | undefined }): void {
    if (from !== undefined && seq !== undefined && seq > (this.get(from) ?? 0)) this.set(from, seq);
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this);
  }
}
