/** What one measurement gave: numbers by name, with the unit in the name. */
export type Sample = Readonly<Record<string, number>>;

/** One of those that are compared; it stands ready and idle whenever it is not measured. */
export interface Contender {
  readonly name: string;
  /** One measurement; resolves when all work that it caused is done. */
  measure(): Promise<Sample>;
}

/** Every sample of every contender, in the order they were taken. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/**
 * Measure contenders in turn, so that a machine that gets slower or faster does so for all of them. Each is measured
 * once before that counts; who begins changes every round.
 */
export async function alternate(
  contenders: readonly Contender[],
  repetitions: number,
  onSample: (name: string, sample: Sample, round: number) => void = () => {},
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await contender.measure();
  for (let round = 0; round < repetitions; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const sample = await contender.measure();
      samples.get(contender.name)?.push(sample);
      onSample(contender.name, sample, round);
    }
  }
  return samples;
}
