import * as z from 'zod';
import {
  type Descriptions,
  email,
  list,
  pairs,
  type ValuesOf,
} from '../../../settings-schema/description.ts';
import { fault, type SettingFault } from '../../../settings-schema/fault.ts';
import type { GivenSettings } from '../../../settings-schema/given.ts';
import type { SayOptions } from '../../say/say.ts';
import { type ChannelKind, namesOfKind } from '../channel-kind.ts';
import type { MailOptions } from './mail.ts';

/** The settings of email, whichever transport sends it. */
export const MAIL_SETTINGS = {
  emailFrom: {
    name: 'LOCKWATCH_EMAIL_FROM',
    meaning: 'The sender of the emails; with Microsoft Graph, the mailbox that sends.',
    example: 'lockwatch@example.com',
    schema: email,
  },
  emailTo: {
    name: 'LOCKWATCH_EMAIL_TO',
    meaning: 'Who gets the emails, separated by commas.',
    example: 'power-admins@example.com,oncall@example.com',
    schema: list(email),
  },
  owners: {
    name: 'LOCKWATCH_OWNERS',
    meaning:
      'Who gets the emails about a policy besides: the policy’s name or id, =, addresses with commas; policies separated by semicolons.',
    example: 'ep-sales=sales-it@example.com;ep-hr=hr-it@example.com,hr@example.com',
    schema: pairs(z.string().min(1), list(email, 'must give an address behind each =')),
  },
} as const satisfies Descriptions;

/** Undefined: there is no sender or no recipient, so no transport has anything to send. */
export function mailOptionsOf(
  { emailFrom: from, emailTo: to = [], owners }: Partial<ValuesOf<typeof MAIL_SETTINGS>>,
  say: SayOptions,
): MailOptions | undefined {
  return from && to.length > 0 ? { from, to, owners, say } : undefined;
}

export function isMailWanted(given: GivenSettings, transports: readonly ChannelKind[]): boolean {
  const { emailFrom, emailTo } = MAIL_SETTINGS;
  return hasTransport(given, transports) || given.has(emailFrom.name) || given.has(emailTo.name);
}

/** Faults between the settings of email and its transports. */
export function mailFaults(given: GivenSettings, transports: readonly ChannelKind[]): SettingFault[] {
  const { emailFrom, emailTo, owners } = MAIL_SETTINGS;
  const faults: SettingFault[] = [];
  if (isMailWanted(given, transports)) {
    for (const { name } of [emailFrom, emailTo])
      if (!given.has(name)) faults.push(fault(name, ' is missing: email needs a sender and recipients.'));
    const [first = '', ...others] = transports.map(
      ({ settings, existsBy }) => settings[existsBy]?.name ?? '',
    );
    if (!hasTransport(given, transports))
      faults.push(fault(first, ` is missing: email needs it, or ${others.join(' or ')}.`));
  }
  if (given.has(owners.name) && !hasTransport(given, transports))
    faults.push(fault(owners.name, ' needs email: no transport for it is set.'));
  return faults;
}

function hasTransport(given: GivenSettings, transports: readonly ChannelKind[]): boolean {
  return transports.some((kind) => namesOfKind(kind, given).length > 0);
}
