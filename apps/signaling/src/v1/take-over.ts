/** What an instance asks another one: to let go of a member that resumes elsewhere. */
export function takeOverRequest(roomId: string, memberId: string): string {
  return `takeover ${roomId} ${memberId}`;
}

/** @returns undefined for anything else */
export function readRequest(request: string): { roomId: string; memberId: string } | undefined {
  const [verb, roomId, memberId] = request.split(' ');
  return verb === 'takeover' && roomId && memberId ? { roomId, memberId } : undefined;
}
