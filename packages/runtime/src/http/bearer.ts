/** The token of an `Authorization: Bearer …` header (RFC 6750 §2.1); undefined when missing or malformed. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1];
}
