/**
 * How a property is run: as it comes, until the first failure; or as a failure said it was. `MODEL_SEED` (and
 * `MODEL_PATH`) repeat a run, `MODEL_SHRINK=1` looks for a shorter history that fails, which takes its time.
 */
export const replay = {
  ...(process.env['MODEL_SEED'] !== undefined && { seed: Number(process.env['MODEL_SEED']) }),
  ...(process.env['MODEL_PATH'] !== undefined && { path: process.env['MODEL_PATH'] }),
  endOnFailure: process.env['MODEL_SHRINK'] === undefined,
};
