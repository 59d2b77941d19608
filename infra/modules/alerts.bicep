// Who watches the watcher: alerts of Azure Monitor, which run and notify on their own while the app is down. They read
// the app's log lines (one JSON object a line, shared/telemetry/log.ts) and the host's own record of each invocation
// ("Application Insights telemetry data model": AppTraces, AppRequests).

import { alertPhone } from '../receivers.bicep'

param namePrefix string
param location string
param tags object
param workspaceName string
param emails string[]
param sms alertPhone[]
param voice alertPhone[]
@description('The app\'s code is there. Until then its timer can\'t run, and nobody is paged for that.')
param codeDeployed bool
@description('How long the timer may be silent before its alert, in minutes.')
param silentMinutes 5 | 10 | 15 | 30 | 60

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${namePrefix}-people'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'Lockwatch'
    emailReceivers: [
      for (address, index) in emails: {
        name: 'email ${index}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
    smsReceivers: [
      for (phone, index) in sms: {
        name: 'sms ${index}'
        countryCode: phone.countryCode
        phoneNumber: phone.phoneNumber
      }
    ]
    voiceReceivers: [
      for (phone, index) in voice: {
        name: 'voice ${index}'
        countryCode: phone.countryCode
        phoneNumber: phone.phoneNumber
      }
    ]
  }
}

// The app's lines whose event is one of these. A line that is no JSON yields null and is left out.
var lines = 'AppTraces | where Message has "\\"event\\"" | extend line = parse_json(Message) | extend event = tostring(line.event), incident = tostring(line.incident), channel = tostring(line.channel)'

// `fires`: at one row or more, or where there is none at all. `resolves`: it is open until a whole window is quiet, and
// notifies once. One that does not resolve notifies at every evaluation that sees the row ("Azure Monitor alerts",
// section Alerts and state), so it is muted for its window: a row is then notified of once. `by`: columns by whose
// values it is split, so that a second incident is not muted with the first.
var alerts = [
  {
    name: 'incident-opened'
    title: 'A revocation was found: Power Platform environments are offline, or soon will be'
    severity: 0
    query: '${lines} | where event == "transition" and tostring(line.kind) in ("opened", "confirmed", "worsened", "relapsed")'
    minutes: 5
    every: 1
    fires: 'some'
    resolves: false
    by: ['incident']
  }
  // The timer ticks at the lower bound of the interval, and a tick fails while no sweep finishes (SweepOverdueError): the
  // window does not depend on the interval in force.
  {
    name: 'heartbeat-missing'
    title: 'Lockwatch is silent: its timer does not run, or no sweep finishes'
    severity: 1
    query: 'AppRequests | where OperationName == "timer" and Success == true'
    minutes: silentMinutes
    every: 5
    fires: 'none'
    resolves: true
    by: []
  }
  {
    name: 'sweep-silent'
    title: 'Lockwatch found its own timer or sweep silent, and runs the sweep in another way'
    severity: 2
    query: '${lines} | where event in ("sweep-silent", "timer-silent", "timer-watch-failed", "heartbeat-message-failed")'
    minutes: 15
    every: 5
    fires: 'some'
    resolves: true
    by: []
  }
  {
    name: 'not-started'
    title: 'Lockwatch did not start: settings are missing or wrong, and nothing is watched'
    severity: 0
    query: '${lines} | where event == "not-started"'
    minutes: 15
    every: 5
    fires: 'some'
    resolves: true
    by: []
  }
  {
    name: 'storage-unavailable'
    title: 'Lockwatch can not use a queue or a table of its own'
    severity: 1
    query: '${lines} | where event in ("queue-unavailable", "heartbeat-not-written")'
    minutes: 15
    every: 5
    fires: 'some'
    resolves: true
    by: []
  }
  {
    name: 'notice-undelivered'
    title: 'A channel gave up on a notice: somebody was not notified'
    severity: 1
    query: '${lines} | where event in ("notice-given-up", "undelivered", "channel-bug")'
    minutes: 5
    every: 5
    fires: 'some'
    resolves: false
    by: ['channel']
  }
  {
    name: 'poison-messages'
    title: 'A signal failed ten times, or could not be read; it is kept in the queue lockwatch-unreadable'
    severity: 2
    query: '${lines} | where event in ("poison", "unreadable", "unreadable-not-kept")'
    minutes: 15
    every: 5
    fires: 'some'
    resolves: false
    by: []
  }
  {
    name: 'function-failures'
    title: 'A function of Lockwatch fails'
    severity: 2
    query: 'AppRequests | where Success == false and ResultCode !startswith "4"'
    minutes: 15
    every: 5
    fires: 'some'
    resolves: true
    by: []
  }
  {
    name: 'delivery-failures'
    title: 'Event Grid can not deliver events to Lockwatch'
    severity: 2
    query: 'AegDeliveryFailureLogs'
    minutes: 15
    every: 5
    fires: 'some'
    resolves: true
    by: []
  }
  {
    name: 'dead-letters'
    title: 'Event Grid gave up on events after 24 hours; they are kept in the dead-letter container'
    severity: 1
    query: 'AzureMetrics | where ResourceProvider == "MICROSOFT.EVENTGRID" and MetricName in ("DeadLetteredCount", "DroppedEventCount") and Total > 0'
    minutes: 60
    every: 15
    fires: 'some'
    resolves: false
    by: []
  }
]

// As the documents write it: an hour is PT1H ("Log search alert rules", section Aggregation granularity).
var durations = map(alerts, one => one.minutes == 60 ? 'PT1H' : 'PT${one.minutes}M')

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for (one, index) in alerts: {
    name: '${namePrefix}-${one.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Lockwatch: ${one.title}'
      description: 'What to do: docs/operations.md, section "${one.name}".'
      enabled: one.name != 'heartbeat-missing' || codeDeployed
      severity: one.severity
      scopes: [
        workspace.id
      ]
      windowSize: durations[index]
      evaluationFrequency: 'PT${one.every}M'
      criteria: {
        allOf: [
          {
            query: one.query
            timeAggregation: 'Count'
            operator: one.fires == 'some' ? 'GreaterThan' : 'LessThan'
            threshold: one.fires == 'some' ? 0 : 1
            dimensions: map(one.by, column => { name: column, operator: 'Include', values: ['*'] })
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      // A new workspace has none of these tables until the first row, and the rule would be refused.
      skipQueryValidation: true
      // Azure refuses both together: "Auto mitigation must be disabled when action suppression is set"
      // (Azure/azure-powershell#22583).
      autoMitigate: one.resolves
      ...(one.resolves ? {} : { muteActionsDuration: durations[index] })
      actions: {
        actionGroups: [
          people.id
        ]
      }
    }
  }
]
