const NOT_OURS = /^(LOCKWATCH_|AzureWebJobs|AZURE_|IDENTITY_|MSI_|WEBSITE_|(HTTPS?|ALL|NO)_PROXY$)/i;

/**
 * A developer's environment without what would change what the app under test does: settings left over in the shell,
 * another identity, and a company's proxy, which can't reach what runs on this machine alone.
 */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_OURS.test(name)));
}
