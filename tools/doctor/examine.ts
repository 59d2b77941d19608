import type { TokenCredential } from '@azure/core-auth';
import { CLOUDS } from '../../shared/azure/cloud.ts';
import { appCredential, cachingCredential } from '../../shared/azure/credential.ts';
import { deadlineIn } from '../../shared/azure/deadline.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { compose } from '../../shared/compose.ts';
import { docsBase } from '../../shared/settings/docs-base.ts';
import { ownRepositoryDocs } from '../build/repository-docs.ts';
import { appRights } from './app-rights.ts';
import { verifyAssumptions } from './assumptions.ts';
import { auditSources } from './audit-sources.ts';
import { makeAzureReader } from './azure-reader.ts';
import { channelChecks } from './channel-checks.ts';
import { coverageOf } from './coverage.ts';
import { withParagraphs } from './docs-paragraphs.ts';
import { environmentApiChecks } from './environment-apis.ts';
import { checkEventSources } from './event-sources.ts';
import { graphAccess } from './graph-access.ts';
import { keyHolders } from './key-holders.ts';
import { nextSteps } from './next.ts';
import { readEverything } from './readable.ts';
import { registrations } from './registrations.ts';
import { type Report, reportOutcome } from './report.ts';
import { doctorSettings, type EnvironmentVariables } from './settings.ts';
import { signedIn } from './signed-in.ts';
import { storageAccess } from './storage-access.ts';
import { vaultGuards } from './vault-guards.ts';

export interface ExamineOptions {
  /** The app's settings; see `doctorSettings`. */
  environment: EnvironmentVariables;
  /** Subscriptions, separated by commas: a first examination without any other setting. */
  subscriptions?: string;
  /** Object id of the app's identity, to check its rights, whoever runs the doctor. */
  identity?: string;
  /** The time limit of the whole examination. */
  seconds: number;
}

/**
 * Examines a tenant and changes nothing in it. Parts that could not be read are in the report. Throws
 * `SettingsError` with every fault, and `NotSignedInError`.
 */
export async function examine(options: ExamineOptions): Promise<Report> {
  const known = doctorSettings(options.environment, options.subscriptions);
  const { settings } = known;
  const clock: Clock = systemClock;
  const credential: TokenCredential = cachingCredential(
    appCredential({ clientId: settings.clientId, environment: { ...options.environment } }),
    clock,
  );
  const deadline = deadlineIn(options.seconds * 1000, clock);
  const who = await signedIn(credential, CLOUDS[settings.cloud].armScope, deadline);
  const azure = makeAzureReader({ ...known, who, credential, clock, deadline });
  // The product's own reader, assembled as in the app.
  const app = compose(settings, { ...options.environment });
  const reading = app.facts.begin(deadline.atMs - clock.nowMs(), {
    protection: true,
  });
  const readable = await readEverything(azure, reading);
  const { chains, subscriptions, vaultIds } = readable;
  const [registered, events, audit, storage, holders, guards, rights, names, lists, unverified] =
    await Promise.all([
      registrations(azure, subscriptions),
      checkEventSources(azure, subscriptions, vaultIds),
      auditSources(azure, reading, vaultIds),
      storageAccess(azure),
      keyHolders(azure, vaultIds, chains),
      vaultGuards(azure, vaultIds),
      options.identity === undefined ? [] : appRights(azure, options.identity, subscriptions),
      graphAccess(azure, credential),
      environmentApiChecks(azure, credential),
      verifyAssumptions(azure, readable),
    ]);
  const docs = docsBase(settings) ?? ownRepositoryDocs() ?? 'docs';
  const facts = withParagraphs([...readable.checks, ...lists, ...rights, ...names], docs);
  const wiring = withParagraphs(
    [
      ...registered,
      ...events.checks,
      ...audit.checks,
      ...storage,
      ...channelChecks(known, chains, app.channels),
      ...holders,
      ...guards,
    ],
    docs,
  );
  const all = [...facts, ...wiring];
  return {
    report: 'lockwatch-doctor/1',
    at: clock.now(),
    outcome: reportOutcome(all),
    cloud: settings.cloud,
    docs,
    signedIn: who,
    settings: {
      firstLook: known.firstLook,
      subscriptions: settings.subscriptions,
      channels: known.channels,
      inVault: known.inVault,
    },
    facts,
    wiring,
    unverified,
    coverage: coverageOf(chains, { event: events.wired, audit: audit.wired }),
    next: nextSteps(all),
  };
}
