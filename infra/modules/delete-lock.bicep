// Keeps the app's own group from being deleted by accident ("Lock your resources to protect your infrastructure").

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'lockwatch-no-delete'
  properties: {
    level: 'CanNotDelete'
    notes: 'Lockwatch watches customer-managed keys. Take this lock away before you uninstall it.'
  }
}
