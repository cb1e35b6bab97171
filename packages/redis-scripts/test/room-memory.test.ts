import { describe, expect, it } from 'vitest';
import { RoomMemory } from '../src/rooms/room-memory.js';

const HOUR_MS = 3_600_000;
const record = (text = 'x') => ['state', 'open', 'metadata', text];
const note = (memory: RoomMemory, roomId: string, text?: string, hostId = 'a-host') =>
  memory.note(roomId, hostId, ['60000', '1.0.0.1', '0', ...record(text)], performance.now());

describe('what is remembered of rooms', () => {
  it('is bounded in number: those heard of least recently are forgotten', () => {
    const memory = new RoomMemory(HOUR_MS, 3);
    for (const roomId of ['1', '2', '3']) note(memory, roomId);
    memory.note('1', 'a-host', ['60000'], performance.now());
    note(memory, '4');
    expect(memory.of('a-host').toSorted()).toEqual(['1', '3', '4']);
    expect(memory.versionOf('2')).toBe('');
  });

  it('is bounded in size, however often a room changes', () => {
    const memory = new RoomMemory(HOUR_MS, 100, 1_000);
    for (let times = 0; times < 50; times++) note(memory, 'small');
    note(memory, 'large', 'x'.repeat(900));
    expect(memory.of('a-host')).toEqual(['small', 'large']);
    note(memory, 'larger', 'x'.repeat(900));
    expect(memory.of('a-host')).toEqual(['larger']);
  });

  it('is forgotten after the time in which it is of use', async () => {
    const memory = new RoomMemory(20);
    note(memory, 'old');
    await expect.poll(() => memory.recall('old', 'a-host')).toBeUndefined();
    note(memory, 'older', 'x', 'another-host');
    const isPast = () => {
      note(memory, 'new');
      return memory.of('another-host').length === 0;
    };
    await expect.poll(isPast).toBe(true);
  });

  it('has a room as the one of its host alone, and its record until there is another version', () => {
    const memory = new RoomMemory(HOUR_MS);
    note(memory, 'a-room', 'first');
    memory.note('a-room', 'a-host', ['50000'], performance.now());
    expect(memory.recall('a-room', 'a-host')).toMatchObject({ record: record('first'), seats: 0 });
    expect(memory.recall('a-room', 'a-host')?.leftMs).toBeLessThanOrEqual(50_000);
    expect(memory.recall('a-room', 'another-host')).toBeUndefined();
    memory.forgetOf('another-host', 'a-room');
    note(memory, 'a-room', 'second', 'another-host');
    expect(memory.of('a-host')).toEqual([]);
    expect(memory.recall('a-room', 'another-host')).toMatchObject({ record: record('second') });
  });
});
