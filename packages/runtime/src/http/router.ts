import type { Route } from './route.js';

/** What the router found for a method and a path. */
export type Match =
  | { readonly found: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path exists under other methods (RFC 9110 §15.5.6). */
  | { readonly found: 'path'; readonly allowed: readonly string[] }
  | { readonly found: 'nothing' }
  /** A `%` in the path that encodes nothing. */
  | { readonly found: 'undecodable' };

/** Every route of one path pattern. */
interface Pattern {
  readonly segments: readonly string[];
  readonly hasParams: boolean;
  readonly methods: Map<string, Route>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});
const NOTHING: Match = { found: 'nothing' };

const isParam = (segment: string) => segment.startsWith(':');

/** Split a path; a slash at its end counts for nothing. */
function segmentsOf(path: string): string[] {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.slice(1).split('/');
}

function fits({ segments }: Pattern, given: readonly string[]): boolean {
  return (
    segments.length === given.length &&
    segments.every((segment, i) => (isParam(segment) ? given[i] !== '' : segment === given[i]))
  );
}

function paramsOf({ segments }: Pattern, given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  segments.forEach((segment, i) => {
    if (isParam(segment)) params[segment.slice(1)] = decodeURIComponent(given[i] ?? '');
  });
  return params;
}

/** Finds routes by method and path: paths without parameters in one look-up, the others in the order given. */
export class Router {
  readonly #fixed = new Map<string, Pattern>();
  readonly #patterns: Pattern[] = [];

  constructor(routes: readonly Route[]) {
    for (const each of routes) this.#patternOf(each.path).methods.set(each.method, each);
  }

  /** @param path of a request target, without query, still percent-encoded */
  match(method: string, path: string): Match {
    const fixed = this.#fixed.get(path);
    if (fixed) return this.#choose(fixed, method, []);
    const given = segmentsOf(path);
    const pattern =
      this.#fixed.get(`/${given.join('/')}`) ?? this.#patterns.find((each) => fits(each, given));
    return pattern ? this.#choose(pattern, method, given) : NOTHING;
  }

  #choose(pattern: Pattern, method: string, given: readonly string[]): Match {
    // HEAD is GET without the body (RFC 9110 §9.3.2); node:http leaves it out.
    const route = pattern.methods.get(method === 'HEAD' ? 'GET' : method);
    if (!route) return { found: 'path', allowed: [...pattern.methods.keys()] };
    try {
      const params = pattern.hasParams ? paramsOf(pattern, given) : NO_PARAMS;
      return { found: 'route', route, params };
    } catch {
      return { found: 'undecodable' };
    }
  }

  #patternOf(path: string): Pattern {
    const known =
      this.#fixed.get(path) ?? this.#patterns.find((each) => `/${each.segments.join('/')}` === path);
    if (known) return known;
    const segments = segmentsOf(path);
    const pattern = { segments, hasParams: segments.some(isParam), methods: new Map<string, Route>() };
    if (pattern.hasParams) this.#patterns.push(pattern);
    else this.#fixed.set(path, pattern);
    return pattern;
  }
}
