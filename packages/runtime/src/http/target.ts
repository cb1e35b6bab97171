const NO_SEARCH = new URLSearchParams();

/** A request target in its parts. */
export interface Target {
  /** Still percent-encoded. */
  readonly path: string;
  readonly search: URLSearchParams;
}

/** Take a request target apart; it may be in absolute form, as sent to proxies (RFC 9112 §3.2). Never throws. */
export function parseTarget(target: string): Target {
  const absolute = target.startsWith('/') ? '' : (/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target)?.[0] ?? '');
  const local = target.slice(absolute.length);
  const mark = local.indexOf('?');
  if (mark === -1) return { path: local || '/', search: NO_SEARCH };
  return { path: local.slice(0, mark) || '/', search: new URLSearchParams(local.slice(mark + 1)) };
}
