/** Errors within errors are told this deep. */
const MAX_DEPTH = 4;

const isPrimitive = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);

const isErrorLike = (value: unknown): value is Error =>
  typeof (value as Error | null | undefined)?.message === 'string';

/**
 * What the log says of an error: its type, message and stack, its codes, and the errors that it comes from. Libraries hang
 * whole objects on their errors, such as ioredis the command with all it was given, AUTH's password too: of those only the
 * name is told.
 */
export function errorFields(error: unknown, depth = 0): unknown {
  if (!isErrorLike(error)) return isPrimitive(error) ? error : `thrown: ${typeof error}`;
  const fields: Record<string, unknown> = {
    type: error.constructor?.name ?? error.name,
    message: error.message,
    stack: error.stack,
  };
  // Node's own do not show these two where properties are listed.
  const { cause, errors } = error as Partial<AggregateError>;
  for (const [key, value] of Object.entries(error).concat(Object.entries({ cause, errors }))) {
    const named = isPrimitive(value) ? value : (value as { name?: unknown } | null)?.name;
    if (isErrorLike(value) || Array.isArray(value)) {
      const inner = [value].flat().filter(isErrorLike);
      if (depth < MAX_DEPTH && inner.length > 0)
        fields[key] = inner.map((each) => errorFields(each, depth + 1));
    } else if (isPrimitive(named)) fields[key] ??= named;
  }
  return fields;
}
