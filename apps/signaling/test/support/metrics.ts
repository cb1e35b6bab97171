/**
 * A value in an exposition; 0 when it was never counted.
 * @param name with its labels, as in `messages_unsent_total{why="held-full"}`; our prefix may be left out
 */
export function metric(exposition: string, name: string): number {
  const line = exposition
    .split('\n')
    .find((each) => each.startsWith(`${name} `) || each.startsWith(`cloudgaming_${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}
