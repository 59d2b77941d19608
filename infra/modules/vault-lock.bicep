// Prevention: a watched vault can't be deleted while this lock stands. A lock works on the control plane only: it does
// not keep anybody from disabling or deleting a key ("Lock your resources", section Considerations).

param vaultName string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'lockwatch-no-delete'
  scope: vault
  properties: {
    level: 'CanNotDelete'
    notes: 'Power Platform environments are encrypted with a key in this vault: deleting it takes them offline.'
  }
}
