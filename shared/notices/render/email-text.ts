import {
  HELP,
  type Message,
  type MessageEnvironment,
  type MessagePolicy,
  type MessageStep,
  type Section,
} from '../say/message.ts';
import { count, thousands } from '../say/words.ts';
import { portalLine } from './portal-line.ts';

/** The message as plain text. Each command has a line of its own, so that it can be copied whole. */
export function emailText(message: Message): string {
  const blocks = [
    [message.title],
    message.lead,
    message.glance.map(({ label, value }) => `${label}: ${value}`),
    ...message.sections.map(sectionLines),
    message.links.map(({ text, url }) => `${text}: ${url}`),
    [...(message.helpUrl ? [`${HELP}: ${message.helpUrl}`] : []), message.footer],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function sectionLines(section: Section): string[] {
  return [
    section.heading.toUpperCase(),
    ...section.texts,
    ...(section.policies ?? []).flatMap(policyLines),
    ...(section.evidence ?? []).map(({ text, readAt }) => `- ${text} (read ${readAt})`),
    ...(section.steps ?? []).flatMap((step, index) => stepLines(step, index + 1)),
  ];
}

function policyLines(policy: MessagePolicy): string[] {
  return [
    policyHeading(policy),
    ...(policy.url ? [`  ${policy.url}`] : []),
    ...policy.environments.flatMap((environment) => [
      `  - ${[environment.name, ...environmentDetails(environment)].join(', ')}`,
      ...(environment.url ? [`    ${environment.url}`] : []),
    ]),
    ...moreEnvironments(policy).map((text) => `  ${text}`),
  ];
}

export function policyHeading({ name, count: amount }: MessagePolicy): string {
  return `Policy ${name}: ${amount > 0 ? count(amount, 'environment') : 'environments not known'}`;
}

/** At most one line. */
export function moreEnvironments({ count: amount, environments }: MessagePolicy): string[] {
  const more = amount - environments.length;
  return more > 0 ? [`and ${thousands(more)} more that are not named here`] : [];
}

export function environmentDetails({ sku, region, state, deletedFrom }: MessageEnvironment): string[] {
  return [sku, region, state, ...(deletedFrom ? [`deletion from ${deletedFrom}, an estimate`] : [])];
}

function stepLines(step: MessageStep, number: number): string[] {
  return [
    `${number}. ${step.text}`,
    ...(step.command ? [`    ${step.command}`] : []),
    ...(step.portal ? [`   ${portalLine(step.portal, step.command)}`] : []),
    ...(step.url ? [`   Read more: ${step.url}`] : []),
  ];
}
