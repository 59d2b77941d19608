/**
 * All that is answered in JSON. `host.json` sets no prefix, since pages are at the same addresses without it.
 */
export const API_ROUTE = 'api/{*path}';

/**
 * Pages: every address but `/api`, `/admin` and `/runtime`, the root included. Microsoft's host takes the function
 * whose name comes first, not the more specific route, so without this constraint an anonymous function could open
 * what the others protect by a key.
 * Source: azure-functions-host, src/WebJobs.Script/Host/FunctionMetadataManager.cs (LoadFunctionMetadata).
 */
export const WEB_FUNCTION = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: '{page:regex(^(?!(api|admin|runtime)$).*$)=home}/{*path}',
  authLevel: 'anonymous',
} satisfies HttpFunction;

interface HttpFunction {
  methods: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS')[];
  route: string;
  authLevel: 'anonymous';
}
