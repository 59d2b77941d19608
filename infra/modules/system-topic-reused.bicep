// The identity of a system topic that was there before. It must have a system-assigned one: the hook before the
// deployment looks, and tells the command that turns it on.

param name string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: name
}

output principalId string = topic.identity.principalId
