import { describe, expect, it } from 'vitest';
import { waitFor } from '@parley/testkit';
import { startScripted } from './support/scripted-server.js';
import { numbered, record } from './support/sessions.js';

describe('a session whose listeners do something about what they are told', () => {
  const greet = async (welcome: object = {}) => {
    const server = await startScripted(() => ({ members: [{ memberId: '~b' }], ...welcome }));
    const talk = () => {
      for (const each of [
        { type: 'peer-away', memberId: '~b' },
        { type: 'peer-joined', memberId: '~c' },
        { type: 'chat', id: '1', from: '~b', seq: 1, text: 'hello', at: 1 },
        { type: 'error', code: 'unavailable', detail: '' },
        { ...numbered(1), from: '~b', seq: 2 },
      ])
        server.visits.at(-1)?.say(each);
    };
    return { ...server, talk };
  };
  const EVENTS = ['state', 'welcome', 'peer-away', 'peer-joined', 'chat', 'error', 'message'] as const;

  it.each(EVENTS)('ends where one closes it at "%s", once and for good', async (event) => {
    const { url, talk } = await greet();
    const a = record({ roomId: 'r', signalingUrl: url });
    a.session.once(event, () => a.session.close());
    a.session.on('welcome', talk);
    expect(await a.until('closed')).toEqual({ reason: 'closed' });
    const before = EVENTS.map((name) => a.of(name).length);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(EVENTS.map((name) => a.of(name).length)).toEqual(before);
    expect(a.of('state').at(-1)).toEqual({ state: 'closed' });
    expect(a.session.send({ type: 'ping' })).toBe('refused');
  });

  it.each(EVENTS)(
    'comes back where one gives the connection up at "%s", and loses nothing',
    async (event) => {
      const { url, talk, visits } = await greet({ received: 0, recovered: true });
      const a = record({ roomId: 'r', signalingUrl: url });
      a.session.once(event, () => a.session.reconnect());
      a.session.once('welcome', talk);
      a.session.send(numbered(7));
      await waitFor(() => visits.length > 1, 'it comes back');
      const sent = () => visits.at(-1)?.messages.filter(({ type }) => type === 'control');
      await waitFor(() => a.session.state === 'open' && sent()?.length, 'what was not taken is sent again');
      expect(sent()).toMatchObject([{ payload: 7, seq: 1 }]);
    },
  );
});

describe('a token that does not come', () => {
  it('is asked for again, and one that comes too late opens no second connection', async () => {
    const { url, visits } = await startScripted(() => ({}));
    const late: ((token: string) => void)[] = [];
    const token = () => (late.length < 2 ? new Promise<string>((resolve) => late.push(resolve)) : 'third');
    const a = record({ roomId: 'r', signalingUrl: url, token }, { connectTimeoutMs: 100 });
    await a.until('welcome');
    for (const resolve of late) resolve('late');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([late.length, visits.length]).toEqual([2, 1]);
  });

  it('opens no connection for a session that was closed meanwhile', async () => {
    const { url, visits } = await startScripted(() => ({}));
    let resolve: (token: string) => void = () => {};
    const token = () => new Promise<string>((done) => (resolve = done));
    const a = record({ roomId: 'r', signalingUrl: url, token });
    await new Promise((done) => setTimeout(done, 10));
    a.session.close();
    resolve('late');
    await new Promise((done) => setTimeout(done, 100));
    expect([visits.length, a.of('closed')]).toEqual([0, [{ reason: 'closed' }]]);
  });
});
