import { html } from 'hono/html';
import { plain } from '../../notices/say/plain.ts';
import { stateHtml } from './condition.ts';
import { layout } from './layout.ts';
import type { Html, Page } from './page.ts';

/** What is set, never a secret. */
export interface ConfigurationAnswer {
  answeredAt: string;
  asOf: string | null;
  groups: readonly { name: string; settings: readonly SettingAnswer[] }[];
}

export interface SettingAnswer {
  name: string;
  about: string;
  isSet: boolean;
  isSecret: boolean;
  /** The value in force; null for a secret, and where it is not set and has no default. */
  value: string | null;
}

export const configurationPage: Page<ConfigurationAnswer> = {
  path: '/configuration',
  endpoint: 'configuration',
  ownParameters: [],
  actions: [],
  render({ groups, asOf }, context) {
    return layout(
      {
        title: 'Configuration',
        condition: 'over',
        isUrgent: false,
        asOf,
        main: html`<h1>Configuration</h1><p>What is set for this deployment. A secret is never shown, only whether it is set. Change a setting in the function app; it takes effect when the app starts again.</p>
${groups.length === 0 ? html`<p>No setting could be read.</p>` : ''}
<div class="columns">${groups.map(({ name, settings }, index) => html`<section class="panel" aria-labelledby="group-${index + 1}"><h2 id="group-${index + 1}">${name}</h2><ul class="rows">${settings.map(settingHtml)}</ul></section>`)}</div>`,
      },
      context,
    );
  },
};

function settingHtml({ name, about, isSet, isSecret, value }: SettingAnswer): Html {
  const shown = isSecret
    ? stateHtml('over', isSet ? 'set, secret' : 'not set')
    : value === null
      ? stateHtml('over', 'not set')
      : html`<code>${plain(value, 500)}</code>${isSet ? '' : html` <span class="small quiet">by default</span>`}`;
  return html`<li><strong><code>${name}</code></strong><span>${shown}</span><span class="small quiet">${plain(about, 400)}</span></li>`;
}
