/** "Configure cryptographic key auto-rotation in Azure Key Vault". */
export const ROTATION_PAGE = 'https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation';
/** "Use Key Vault references as app settings". */
export const REFERENCES_PAGE =
  'https://learn.microsoft.com/azure/app-service/app-service-key-vault-references';
/** "Create incoming webhooks with Workflows for Microsoft Teams". */
export const WORKFLOWS_PAGE =
  'https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498';
