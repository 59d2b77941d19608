import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, DEPLOYMENTS, deployment, listAt, textAt } from './deployment.ts';

/** Types that Azure keeps in no region: another location is refused with LocationNotAvailableForResourceType. */
const GLOBAL = [
  'Microsoft.Insights/actionGroups',
  'Microsoft.Network/privateDnsZones',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Communication/communicationServices',
  'Microsoft.Communication/emailServices',
  'Microsoft.Communication/emailServices/domains',
];
/** "Create or edit a log search alert rule", section Condition: aggregation granularity and frequency of evaluation. */
const DURATIONS = ['PT1M', 'PT5M', 'PT10M', 'PT15M', 'PT30M', 'PT45M', 'PT1H'];

for (const deployed of DEPLOYMENTS)
  describe(`the first deployment of the scenario ${deployed.name}`, () => {
    it('puts each resource into a region, or into none where Azure has none for it', () => {
      for (const { id, type, location, properties } of deployed.resources) {
        if (location === undefined) continue;
        const isGlobal =
          GLOBAL.includes(type) || textAt(properties, 'topicType') === 'Microsoft.Resources.Subscriptions';
        if (isGlobal) assert.equal(location, 'global', id);
        else assert.match(location, /^(?!global$)[A-Za-z ]+\d?$/, id);
      }
    });

    it('says of every identity that it makes what kind of principal it is', () => {
      // Without it Azure looks the principal up, and a new one is not replicated yet: PrincipalNotFound
      // ("Troubleshoot Azure RBAC", section about new principals). A person who deploys is there already.
      for (const { id, properties } of deployed.of('Microsoft.Authorization/roleAssignments'))
        if (textAt(properties, 'principalId').startsWith('['))
          assert.equal(properties.principalType, 'ServicePrincipal', id);
    });

    it('tags each resource group, which a policy may demand', () => {
      for (const { id, ...group } of deployed.of('Microsoft.Resources/resourceGroups'))
        assert.equal(at(group, 'tags', 'azd-env-name'), 'lockwatch', id);
    });
  });

describe('the alerts of a first deployment', () => {
  const everything = deployment('everything');

  it('are evaluated as often, and over as long, as Azure Monitor offers', () => {
    for (const { id, properties } of everything.of('Microsoft.Insights/scheduledQueryRules')) {
      const [every, over] = [properties.evaluationFrequency, properties.windowSize].map((one) =>
        DURATIONS.indexOf(String(one)),
      );
      assert.ok(every !== undefined && every >= 0, `${id}: ${String(properties.evaluationFrequency)}`);
      assert.ok(over !== undefined && over >= every, `${id}: ${String(properties.windowSize)}`);
    }
  });

  it('have a short name that a text message can begin with: at most 12 characters', () => {
    for (const { properties } of everything.of('Microsoft.Insights/actionGroups')) {
      assert.match(textAt(properties, 'groupShortName'), /^.{1,12}$/);
      const names = ['emailReceivers', 'smsReceivers', 'voiceReceivers'].flatMap((kind) =>
        listAt(properties, kind).map((one) => textAt(one, 'name')),
      );
      assert.equal(new Set(names).size, names.length, 'a receiver’s name is its own in the group');
    }
  });
});
