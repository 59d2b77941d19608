import { html } from 'hono/html';
import { plain } from '../../notices/say/plain.ts';
import { duration } from '../../notices/say/words.ts';
import type { configurationEndpoint } from '../status/configuration-endpoint.ts';
import { stateHtml } from './condition.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page } from './page.ts';
import { nameHtml } from './text.ts';

type ConfigurationAnswer = AnswerOf<typeof configurationEndpoint>;
type SettingAnswer = ConfigurationAnswer['settings'][number];

/** What is set, never a secret. What is set comes first: it is what people look for. */
export const configurationPage: Page<ConfigurationAnswer> = {
  path: '/configuration',
  endpoint: 'configuration',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    const { settings, asOf } = answer;
    const own = settings.filter(({ isSet }) => isSet);
    const others = settings.filter(({ isSet }) => !isSet);
    return layout(
      {
        title: 'Configuration',
        condition: 'over',
        isUrgent: false,
        asOf,
        main: html`<h1>Configuration</h1><p>What is set for this deployment. A secret is never shown, only whether it is set. Change a setting in the function app; it takes effect when the app starts again.</p>
${inForceHtml(answer)}
<div class="columns">${groupHtml('set', 'Set here', own, 'Nothing is set: every setting has its default.')}${groupHtml('default', 'Not set', others, 'Every setting is set.')}</div>`,
      },
      context,
    );
  },
};

function inForceHtml({ channels, eventSources, sweepSeconds }: ConfigurationAnswer): Html {
  const named = channels.map((name, index) => html`${index > 0 ? ', ' : ''}${nameHtml(name, 60)}`);
  const sources = [
    ...(eventSources.event ? ['events of Event Grid'] : []),
    ...(eventSources.audit ? ["vaults' audit logs"] : []),
  ];
  return html`<section class="panel" aria-labelledby="in-force"><h2 id="in-force">In force</h2><dl class="facts">
<div><dt>Channels</dt><dd>${channels.length === 0 ? html`<strong>none: nobody is notified</strong>` : named}</dd></div>
<div><dt>Event sources</dt><dd>${sources.length === 0 ? 'none: only the sweep detects changes' : sources.join(', ')}</dd></div>
<div><dt>Sweep</dt><dd>${intervalText(sweepSeconds)}</dd></div></dl></section>`;
}

function intervalText({ min, max, inForce }: ConfigurationAnswer['sweepSeconds']): string {
  const now = `every ${duration(inForce * 1000)}`;
  return min === max
    ? now
    : `${now} now; between ${duration(min * 1000)} and ${duration(max * 1000)}, as the number of policies requires`;
}

function groupHtml(id: string, heading: string, settings: readonly SettingAnswer[], whenNone: string): Html {
  return html`<section class="panel" aria-labelledby="${id}"><h2 id="${id}">${heading}</h2>${settings.length === 0 ? html`<p>${whenNone}</p>` : html`<ul class="rows">${settings.map(settingHtml)}</ul>`}</section>`;
}

function settingHtml({ name, meaning, isSet, isSecret, value, default: byDefault }: SettingAnswer): Html {
  const shown = isSet
    ? isSecret
      ? stateHtml('over', 'set, secret')
      : html`<code>${plain(value ?? '', 500)}</code>`
    : html`<span class="quiet">${byDefault === null ? 'no default' : html`default <code>${plain(byDefault, 500)}</code>`}</span>`;
  return html`<li><strong><code>${plain(name, 200)}</code></strong><span>${shown}</span><span class="small quiet">${plain(meaning, 400)}</span></li>`;
}
