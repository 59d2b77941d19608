import { HostError } from './host-error.ts';

type Segment =
  | { kind: 'literal'; text: string }
  | {
      kind: 'parameter';
      name: string;
      optional: boolean;
      fallback: string | undefined;
      constraints: Constraint[];
    }
  | { kind: 'rest'; name: string };

type Constraint = (value: string) => boolean;

export interface HttpRoute {
  segments: Segment[];
}

/**
 * Reads a route template: literals, `{name}`, `{name?}`, `{name=value}`, `{name:int}`, `{name:regex(^a+$)}` and a
 * last `{*name}`. Throws HostError for an unreadable one: the runtime would not index the app either.
 * Source: "Azure Functions HTTP trigger", section "Using route parameters"; ASP.NET Core docs, "Route
 * templates".
 */
export function parseRoute(template: string, functionName: string): HttpRoute {
  // A slash inside braces belongs to the parameter, such as one of a regular expression.
  const parts = template.match(/(?:\{(?:\{\{|\}\}|[^{}])*\}|[^/])+/g) ?? [];
  const segments = parts.map((part, index) => {
    const segment = parseSegment(part, functionName);
    if (segment.kind === 'rest' && index < parts.length - 1)
      throw new HostError(
        `Function '${functionName}': in route '${template}' the part {*${segment.name}} must be the last.`,
      );
    return segment;
  });
  return { segments };
}

/**
 * The parameters of a path that matches the route, undefined where it doesn't. Literals compare
 * case-insensitively; values are decoded. An absent optional part has no entry. An empty part (`//`) matches
 * nothing but the inside of a `{*rest}`; one slash at the end is ignored.
 * Source: aspnetcore, src/Http/Routing/src/Patterns/RoutePatternMatcher.cs (TryMatch).
 */
export function matchRoute(route: HttpRoute, path: string): Record<string, string> | undefined {
  const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (parts.length === 1 && parts[0] === '') parts.pop();
  const found: Record<string, string> = {};
  for (const [index, segment] of route.segments.entries()) {
    const part = parts[index];
    if (part === '') return undefined;
    if (segment.kind === 'rest') {
      if (index < parts.length) found[segment.name] = parts.slice(index).map(decode).join('/');
      return found;
    }
    if (segment.kind === 'literal') {
      if (part === undefined || decode(part).toLowerCase() !== segment.text.toLowerCase()) return undefined;
      continue;
    }
    const value = part === undefined ? segment.fallback : decode(part);
    if (value === undefined) {
      if (!segment.optional) return undefined;
      continue;
    }
    if (!segment.constraints.every((holds) => holds(value))) return undefined;
    found[segment.name] = value;
  }
  return parts.length > route.segments.length ? undefined : found;
}

function parseSegment(part: string, functionName: string): Segment {
  const inner = /^\{(.+)\}$/.exec(part)?.[1];
  if (inner === undefined) {
    if (/[{}]/.test(part))
      throw new HostError(`Function '${functionName}': the route part '${part}' mixes text and a parameter.`);
    return { kind: 'literal', text: part };
  }
  const rest = /^\*{1,2}(\w+)$/.exec(inner)?.[1];
  if (rest !== undefined) return { kind: 'rest', name: rest };
  const match = /^(\w+)((?::\w+(?:\([^:=]*\))?)*)(\?|=(.*))?$/.exec(unescaped(inner));
  const name = match?.[1];
  if (!match || name === undefined)
    throw new HostError(`Function '${functionName}': the route part '${part}' can't be read.`);
  const constraints = (match[2] ?? '')
    .split(':')
    .filter((text) => text !== '')
    .map((text) => constraint(text, part, functionName));
  return { kind: 'parameter', name, optional: match[3] === '?', fallback: match[4], constraints };
}

/** Inside a parameter braces are doubled (RoutePatternParser.cs). */
function unescaped(inner: string): string {
  return inner.replaceAll('{{', '{').replaceAll('}}', '}');
}

const CONSTRAINTS: Record<string, Constraint> = {
  int: (value) => /^[+-]?\d{1,10}$/.test(value) && Number(value) >= -(2 ** 31) && Number(value) < 2 ** 31,
  long: (value) => /^[+-]?\d{1,19}$/.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  required: (value) => value !== '',
};

function constraint(text: string, part: string, functionName: string): Constraint {
  const known = CONSTRAINTS[text];
  if (known) return known;
  const pattern = /^regex\((.*)\)$/s.exec(text)?.[1];
  if (pattern !== undefined) return regexConstraint(pattern, part, functionName);
  throw new HostError(
    `Function '${functionName}': the constraint '${text}' in route part '${part}' is not known here (known: ${Object.keys(CONSTRAINTS).join(', ')}, regex(…)).`,
  );
}

/**
 * In .NET a dot matches all but a line feed, and `$` also before a last line feed. Letters match in any case.
 * Source: aspnetcore, src/Http/Routing/src/Constraints/RegexRouteConstraint.cs; "Regular Expression Language -
 * Quick Reference" of .NET.
 */
function regexConstraint(pattern: string, part: string, functionName: string): Constraint {
  const translated = pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[.$]/g, (token) => {
    if (token === '.') return '[^\\n]';
    return token === '$' ? '(?=\\n?$)' : token;
  });
  try {
    const regex = new RegExp(translated, 'i');
    return (value) => regex.test(value);
  } catch (cause) {
    throw new HostError(
      `Function '${functionName}': the regular expression in route part '${part}' can't be read.`,
      { cause },
    );
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray % is not the host's error.
    return part;
  }
}
