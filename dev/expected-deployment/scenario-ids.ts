/** The deployment target of the scenarios: no such tenant, and no such subscription, exists. */
export const HOST_SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
export const TENANT = '22222222-2222-4222-8222-222222222222';
export const MANAGEMENT_GROUP = 'contoso';
