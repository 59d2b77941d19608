// Three watched subscriptions, none of them the app's own; the right to read comes from the built-in Reader.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param watchedSubscriptions = [
  '33333333-3333-4333-8333-333333333331'
  '33333333-3333-4333-8333-333333333332'
  '33333333-3333-4333-8333-333333333333'
]
param readingRole = 'Reader'
