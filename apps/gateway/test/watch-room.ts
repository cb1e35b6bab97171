/** A server-sent event. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Watch a room at the gateway on a port; `told` grows until the stream ends, or breaks. */
export async function watchRoom(port: number, roomId: string, lastEventId?: string) {
  const told: Told[] = [];
  const response = await fetch(`http://127.0.0.1:${port}/api/rooms/${roomId}/events`, {
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  });
  let ended = false;
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8');
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id = '', type = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
        if (id) told.push({ id, type, data: JSON.parse(data) as Told['data'] });
      }
    }
    ended = true;
  };
  void read().catch(() => (ended = true));
  return {
    response,
    told,
    types: () => told.map(({ type }) => type),
    get ended() {
      return ended;
    },
  };
}
