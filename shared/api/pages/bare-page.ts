import { html, raw } from 'hono/html';
import type { Answer } from '../problem.ts';
import type { Html } from './page.ts';
import { contentPolicy, pageAnswer } from './page-answer.ts';
import { appTitle } from './text.ts';

/** Small, since it is shown before anybody has signed in, and where little else works. */
const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --quiet: #535c66; --line: #6e7781; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --text: #e6edf3; --quiet: #a3adb8; --line: #8b949e; --link: #84bdff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 100%/1.45 system-ui, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.45rem; line-height: 1.2; margin: 0 0 1rem; }
p { margin: 0 0 1rem; }
a { color: var(--link); text-underline-offset: .15em; }
.quiet { color: var(--quiet); }
label { display: block; margin-bottom: 1rem; }
input { display: block; width: 100%; margin-top: .25rem; padding: .6rem; font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; }
button { min-height: 2.75rem; padding: .6rem 1.2rem; font: inherit; color: var(--back); background: var(--text); border: 1px solid var(--text); border-radius: 4px; }
button[disabled] { opacity: .6; }
pre { overflow: auto; padding: .75rem; border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
`;

/** A page without the navigation: for those who may not see the others, or where these do not work. */
export function barePage(
  {
    title,
    main,
    script,
    deployment,
  }: { title: string; main: Html; script?: string; deployment?: string | undefined },
  options: { status: number; jsonAddress?: string },
): Promise<Answer> {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${appTitle(deployment)}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<p class="quiet">${appTitle(deployment)}</p>
<h1>${title}</h1>
${main}
</main>
${script === undefined ? '' : html`<script>${raw(script)}</script>`}
</body>
</html>`;
  return pageAnswer(page, {
    ...options,
    policy: contentPolicy({ style: STYLE, ...(script === undefined ? {} : { script }) }),
  });
}
