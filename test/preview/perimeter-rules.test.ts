import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { known, SUBSCRIPTION, unread, VAULT_ID, vault } from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  aWhatIf,
  deleted,
  modified,
  planned,
  previewFile,
  sets,
  updated,
} from './plan-examples.ts';

const PERIMETER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityPerimeters/nsp`;
const PROFILE = `${PERIMETER}/profiles/p1`;
const RULE = `${PROFILE}/accessRules/r1`;
const network = (publicNetworkAccess: string) =>
  aChain({
    vault: known(
      vault({ network: { publicNetworkAccess, hasAcls: false, ipRules: [], virtualNetworkRules: [] } }),
    ),
  });
const inPerimeter = network('SecuredByPerimeter');
const ruleOf = (id: string) => ({
  id,
  name: 'r1',
  network_security_perimeter_profile_id: PROFILE,
  direction: 'Inbound',
});
const azapi = (type: string) => `Microsoft.Network/networkSecurityPerimeters${type}@2024-07-01`;
const FILES: Record<string, object> = {
  'an access rule that is deleted': aPlan([
    deleted('azurerm_network_security_perimeter_access_rule', ruleOf(RULE)),
  ]),
  'an access rule that is changed': aPlan([
    updated('azurerm_network_security_perimeter_access_rule', ruleOf(RULE), {
      address_prefixes: ['8.8.8.8/32'],
    }),
  ]),
  'an access rule that is made': aPlan([
    planned('azurerm_network_security_perimeter_access_rule', ['create'], {
      after: ruleOf(''),
      unknown: { id: true, network_security_perimeter_profile_id: true },
    }),
  ]),
  'a profile that is deleted': aPlan([
    deleted('azurerm_network_security_perimeter_profile', {
      id: PROFILE,
      network_security_perimeter_id: PERIMETER,
    }),
  ]),
  'a perimeter that is replaced': aPlan([
    planned('azurerm_network_security_perimeter', ['delete', 'create'], {
      before: { id: PERIMETER, location: 'westeurope' },
      after: { location: 'northeurope' },
      unknown: { id: true },
    }),
  ]),
  'an association that takes another profile': aPlan([
    updated(
      'azurerm_network_security_perimeter_association',
      { resource_id: VAULT_ID, access_mode: 'Enforced', network_security_perimeter_profile_id: PROFILE },
      { network_security_perimeter_profile_id: `${PERIMETER}/profiles/p2` },
    ),
  ]),
  'an access rule by azapi': aPlan([
    updated(
      'azapi_resource',
      { id: RULE, type: azapi('/profiles/accessRules'), body: { properties: { direction: 'Inbound' } } },
      { body: { properties: { direction: 'Outbound' } } },
    ),
  ]),
  'an access rule by azapi, at a profile that is not known yet': aPlan([
    planned('azapi_resource', ['create'], {
      after: {
        type: azapi('/profiles/accessRules'),
        name: 'r1',
        body: { properties: { direction: 'Inbound' } },
      },
      unknown: { id: true, parent_id: true },
    }),
  ]),
  'an access rule in what-if': aWhatIf([
    modified(RULE, [sets('properties.addressPrefixes', ['10.0.0.0/8'], ['11.0.0.0/8'])]),
  ]),
  'an access rule that what-if deletes': aWhatIf([{ resourceId: RULE, changeType: 'Delete', before: {} }]),
  'an access rule that what-if does not support': aWhatIf([{ resourceId: RULE, changeType: 'Unsupported' }]),
  'a link to another perimeter that what-if deletes': aWhatIf([
    { resourceId: `${PERIMETER}/links/l`, changeType: 'Delete', before: {} },
  ]),
  'an association that takes another profile in what-if': aWhatIf([
    modified(`${PERIMETER}/resourceAssociations/kv`, [
      sets('properties.profile.id', PROFILE, `${PERIMETER}/profiles/p2`),
    ]),
  ]),
};

describe('the rules of a network security perimeter that change', () => {
  for (const [title, file] of Object.entries(FILES))
    test(`${title}: not judged where a perimeter decides who reaches the vault, or may do so`, () => {
      const found = previewFile(file, inPerimeter);
      assert.equal(found.outcome, 'unknown');
      assert.match(JSON.stringify(found.policies[0]?.cannotJudge), /perimeter|does not support it/);
      for (const chain of [
        network('SECUREDBYPERIMETER'),
        network('ByAnotherWord'),
        aChain({ vault: unread('forbidden') }),
      ])
        assert.equal(previewFile(file, chain).outcome, 'unknown');
      for (const publicAccess of ['Enabled', 'Disabled'])
        assert.deepEqual(previewFile(file, network(publicAccess)).policies, [], publicAccess);
    });

  const harmless: Record<string, object> = {
    'a new perimeter and its profile': aPlan([
      planned('azurerm_network_security_perimeter', ['create'], {
        after: { name: 'n' },
        unknown: { id: true },
      }),
      planned('azurerm_network_security_perimeter_profile', ['create'], {
        after: { name: 'p' },
        unknown: { id: true, network_security_perimeter_id: true },
      }),
    ]),
    'a tag of a perimeter': aPlan([
      updated('azurerm_network_security_perimeter', { id: PERIMETER, tags: {} }, { tags: { a: 'b' } }),
    ]),
    'a tag of a perimeter in what-if': aWhatIf([modified(PERIMETER, [sets('tags.a', 'b', 'c')])]),
    'a new profile in what-if': aWhatIf([{ resourceId: PROFILE, changeType: 'Create', after: {} }]),
  };
  for (const [title, file] of Object.entries(harmless))
    test(`${title} takes nothing down`, () => assert.equal(previewFile(file, inPerimeter).outcome, 'fine'));

  test('leave only where they are written in what is sent', () => {
    const secret = { ...ruleOf(RULE), address_prefixes: ['203.0.113.7/32'] };
    const plan = aPlan([deleted('azurerm_network_security_perimeter_access_rule', secret)]);
    const reduced = JSON.stringify(reducePlanFile(JSON.stringify(plan)));
    assert.match(reduced, /"network":"byPerimeter"/);
    assert.ok(!reduced.includes('203.0.113.7'));
    assert.deepEqual(reducePlanFile(reduced), JSON.parse(reduced), 'and the server takes it');
  });
});
