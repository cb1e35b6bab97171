/** A random name: 128 bits in hex. Works without a secure context, too, which crypto.randomUUID does not. */
export function randomId(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
