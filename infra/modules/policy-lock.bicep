// Prevention: a watched enterprise policy can't be deleted while this lock stands.

param policyName string

resource policy 'Microsoft.PowerPlatform/enterprisePolicies@2020-10-30-preview' existing = {
  name: policyName
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'lockwatch-no-delete'
  scope: policy
  properties: {
    level: 'CanNotDelete'
    notes: 'Power Platform environments are encrypted through this policy: deleting it takes them offline.'
  }
}
