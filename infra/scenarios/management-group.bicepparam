// The right to read at a management group, by the deployment of its own.
using '../management-group.bicep'

param environmentName = 'lockwatch'
param principalId = 'aaaaaaaa-0000-4000-8000-000000000003'
