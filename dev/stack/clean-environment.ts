const NOT_OURS = /^(LOCKWATCH_|AzureWebJobs|AZURE_|IDENTITY_|MSI_|WEBSITE_|(HTTPS?|ALL|NO)_PROXY$)/i;

/**
 * A developer's environment without variables that would change the behaviour of the app under test: leftover
 * settings in the shell, another identity, and a company's proxy, which can't reach servers on this machine.
 */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_OURS.test(name)));
}
