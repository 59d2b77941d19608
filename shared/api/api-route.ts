/**
 * All that is answered in JSON. `host.json` sets no prefix, since pages are at the same addresses without it.
 */
export const API_ROUTE = 'api/{*path}';
