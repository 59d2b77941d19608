/**
 * The one style sheet. Light, dark, forced colours and print; from 320 px to a wall screen. Colours reach 4.5:1
 * for text and 3:1 for lines; a state is never shown by its colour alone: its icon, its word and its border differ.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark;
  --back: #fff; --panel: #f6f8fa; --text: #1b1f24; --quiet: #535c66; --line: #c5ccd4; --edge: #6e7781; --link: #0550ae;
  --down: #a40e26; --down-back: #ffebe9; --suspected: #6f4400; --suspected-back: #fff3d1;
  --unknown: #4b3a86; --unknown-back: #f0edfb; --unknown-line: #dcd5f5;
  --fine: #0f5c27; --fine-back: #e5f6ea; --restored: #0a4a8a; --restored-back: #e3effd; }
@media (prefers-color-scheme: dark) { :root {
  --back: #0d1117; --panel: #161b22; --text: #e6edf3; --quiet: #a3adb8; --line: #3a424c; --edge: #8b949e; --link: #84bdff;
  --down: #ffb0a8; --down-back: #42141a; --suspected: #f2cc60; --suspected-back: #332701;
  --unknown: #d4cbff; --unknown-back: #231d3a; --unknown-line: #322a52;
  --fine: #7ee2a0; --fine-back: #0f2d1a; --restored: #a5d0ff; --restored-back: #0f2742; } }
* { box-sizing: border-box; }
html { font: 100%/1.45 system-ui, "Segoe UI", sans-serif; -webkit-text-size-adjust: 100%; }
@media (min-width: 120rem) { html { font-size: 125%; } }
body { margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
h1, h2, h3, p, ul, ol, dl, dd, table, figure, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.3rem; line-height: 1.2; font-weight: 650; }
h2 { font-size: 1.1rem; font-weight: 650; }
h3 { font-size: 1rem; font-weight: 600; }
h4 { font-size: .95rem; font-weight: 600; margin: 0; padding: 0; }
p, li, dd { max-width: 75ch; }
@media (min-width: 48rem) { h1 { font-size: 1.9rem; } main { padding-inline: 1rem; } .banner { padding: .8rem 1rem; } }
.quiet { color: var(--quiet); }
.small { font-size: .875rem; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: .5rem; top: .5rem; background: var(--back); padding: .5rem; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.site { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem 1rem; padding: .3rem 1rem; border-bottom: 1px solid var(--line); }
.site .brand { font-weight: 700; color: inherit; text-decoration: none; padding: .4rem 0; }
.site nav { display: none; }
.site nav ul, .menu ul { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; }
.site nav a, .menu a { display: inline-block; padding: .45rem 0; }
a[aria-current] { color: inherit; font-weight: 650; text-decoration-thickness: 2px; }
.menu { margin-inline-start: auto; }
.menu > summary { padding: .45rem .2rem; }
.menu[open] { flex-basis: 100%; margin: 0; }
.who { margin-inline-start: auto; display: none; gap: .6rem; align-items: center; }
@media (min-width: 60rem) { .site nav { display: block; } .menu { display: none; } .who { display: flex; } }
main { padding: .6rem .6rem 2rem; display: grid; gap: 1rem; max-width: 110rem; margin: 0 auto; grid-template-columns: minmax(0, 1fr); }
.columns { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
@media (min-width: 64rem) { .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.column { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.panel { border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; display: grid; gap: .6rem; grid-template-columns: minmax(0, 1fr); background: var(--back); }
.panel > * { min-width: 0; }
main > div:empty { display: none; }
footer { border-top: 1px solid var(--line); padding: .8rem 1rem 2rem; color: var(--quiet); font-size: .875rem; }
footer > * { max-width: 110rem; margin: 0 auto; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: center; }

.state { display: inline-flex; align-items: center; gap: .4em; font-weight: 650; padding: .1em .55em; border-radius: 4px; border: 2px solid; }
.state svg { width: 1.05em; height: 1.05em; flex: none; }
.down { --tone: var(--down); --tone-back: var(--down-back); }
.suspected { --tone: var(--suspected); --tone-back: var(--suspected-back); }
.unknown { --tone: var(--unknown); --tone-back: var(--unknown-back); }
.fine { --tone: var(--fine); --tone-back: var(--fine-back); }
.restored { --tone: var(--restored); --tone-back: var(--restored-back); }
.over { --tone: var(--quiet); --tone-back: var(--panel); }
.state, .banner, .note { color: var(--tone); border-color: var(--tone); background-color: var(--tone-back); }
.state.unknown, .banner.unknown, .note.unknown { border-style: dashed;
  background-image: repeating-linear-gradient(135deg, var(--unknown-line) 0 2px, transparent 2px 12px); }
.state.over { border-style: solid; border-width: 1px; }
.banner { border: 2px solid; border-inline-start-width: 8px; border-radius: 6px; padding: .6rem .7rem; display: grid; gap: .6rem; grid-template-columns: minmax(0, 1fr); }
.banner > *, .banner p, .banner dd { color: var(--text); }
.banner h1 { color: var(--tone); }
.banner .state { background: none; justify-self: start; color: var(--tone); }
.banner .quiet, .note .quiet { color: inherit; }
.banner a { color: inherit; }
.banner .next { background: var(--back); border: 1px solid var(--edge); border-radius: 6px; padding: .7rem .8rem; display: grid; gap: .5rem; grid-template-columns: minmax(0, 1fr); align-content: start; }
@media (min-width: 64rem) { .banner.two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); grid-template-rows: auto auto auto 1fr; column-gap: 1.5rem; } .banner.two > .whole { grid-column: 1 / -1; }
  .banner.two > .first, .banner.two > .more { grid-column: 1; } .banner.two > .next { grid-column: 2; grid-row: 3 / span 2; } }
.note { border: 2px solid; border-inline-start-width: 10px; border-radius: 4px; padding: .5rem .8rem; max-width: none; }
.stale { position: sticky; top: 0; z-index: 1; }
body:has(.stale:not([hidden])) .banner { border-style: dashed; }

.facts { display: grid; gap: .35rem .9rem; grid-template-columns: minmax(0, 1fr); }
.facts dt { color: var(--quiet); font-size: .875rem; }
.banner .facts dt { color: inherit; font-weight: 650; }
.facts { align-content: start; }
.facts > div { display: grid; grid-template-columns: minmax(0, 7rem) minmax(0, 1fr); gap: .1rem .6rem; align-items: baseline; }
.facts.first > div { grid-template-columns: minmax(0, 4.2rem) minmax(0, 1fr); }
@media (min-width: 60rem) { .facts.first > div { grid-template-columns: minmax(0, 7rem) minmax(0, 1fr); } }
.bar { display: grid; gap: .2rem; }
.time { display: block; width: 100%; height: .7rem; max-width: 30rem; border: 1px solid var(--edge); border-radius: 4px; }
.time .whole { fill: var(--back); } .time .left { fill: var(--edge); }
.banner .time .left { fill: var(--tone); }
@media (max-width: 47.99rem) { .first .time { display: none; } }
.rows > li { max-width: none; border-top: 1px solid var(--line); padding: .55rem 0; display: grid; gap: .15rem .8rem; grid-template-columns: minmax(0, 1fr); }
.rows > li:first-child { border-top: 0; }
@media (min-width: 40rem) { .rows.three > li { grid-template-columns: minmax(0, 2fr) minmax(0, 1.3fr) minmax(0, 2fr); } .rows.two > li { grid-template-columns: minmax(0, 12rem) minmax(0, 1fr); } .rows.even > li { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.steps { counter-reset: step; display: grid; gap: .9rem; }
.steps > li { counter-increment: step; display: grid; gap: .4rem; grid-template-columns: minmax(0, 1fr); }
.steps > li > p:first-child::before { content: counter(step) ". "; font-weight: 650; }
.command { display: flex; flex-wrap: wrap; gap: .4rem; align-items: start; }
pre, code { font: .9rem/1.4 ui-monospace, Consolas, monospace; }
pre { flex: 1 1 15rem; min-width: 0; white-space: pre-wrap; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .5rem .6rem; color: var(--text); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { font-size: .875rem; color: var(--quiet); font-weight: 600; }
th[scope=row] { font-weight: 600; min-width: 7rem; }
td { min-width: 5.5rem; }
.matrix td, .matrix th { min-width: 4.5rem; overflow-wrap: break-word; padding-inline-end: .35rem; font-size: .875rem; }
.matrix td .state { padding: 0 .3em; border-width: 1px; }

button, .button, input, select, textarea { font: inherit; color: inherit; }
button, .button { background: var(--panel); border: 1px solid var(--edge); border-radius: 4px; padding: .45rem .9rem; min-height: 2.75rem; cursor: pointer; color: var(--text); text-decoration: none; display: inline-flex; align-items: center; }
button.main { background: var(--link); border-color: var(--link); color: var(--back); font-weight: 650; }
button.small { min-height: 2rem; padding: .2rem .6rem; }
input, select, textarea { width: 100%; max-width: 32rem; background: var(--back); border: 1px solid var(--edge); border-radius: 4px; padding: .45rem .6rem; min-height: 2.75rem; }
[aria-invalid=true] { border: 2px solid var(--down); }
form.fields { display: grid; gap: .6rem; justify-items: start; grid-template-columns: minmax(0, 1fr); }
form.fields > label, form.fields > div { display: grid; gap: .2rem; width: 100%; }
form.filter { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
form.filter label { flex: 1 1 9rem; display: grid; gap: .2rem; font-size: .875rem; }
summary { cursor: pointer; padding: .3rem 0; font-weight: 600; color: var(--link); }
details > :not(summary) { margin-top: .4rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.pager { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: center; }
.pager a { padding: .4rem 0; }

.counts { display: flex; flex-wrap: wrap; gap: .5rem; }
.chains { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); align-items: start; }
.chains.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
.chain { display: block; width: 100%; max-width: 26rem; height: auto; }
.chain rect { fill: var(--panel); stroke: var(--edge); stroke-width: 1.5; }
.chain text { fill: var(--text); font: 13px system-ui, "Segoe UI", sans-serif; }
.chain .kind { fill: var(--quiet); font-size: 11px; }
.chain .link { stroke: var(--edge); stroke-width: 2; fill: none; }
.chain .broken { stroke: var(--down); stroke-width: 3; stroke-dasharray: 5 4; }
.chain .doubted { stroke: var(--unknown); stroke-width: 2; stroke-dasharray: 2 4; }
.chain .mark circle { fill: var(--back); stroke: var(--down); stroke-width: 2; }
.chain .mark path { stroke: var(--down); stroke-width: 3; }
.chain rect.down, .chain rect.suspected, .chain rect.unknown, .chain rect.restored, .chain rect.fine { stroke: var(--tone); fill: var(--tone-back); }
.chain rect.down { stroke-width: 3; } .chain rect.unknown { stroke-dasharray: 4 3; }
.chain text.said { fill: var(--tone); font-weight: 650; }
.days { display: block; width: 100%; height: 3rem; max-width: 60rem; }
.days rect { fill: var(--tone-back); stroke: var(--tone); stroke-width: 1; }
.days path { stroke: var(--tone); stroke-width: 1.6; fill: none; }
.local { white-space: nowrap; }

@media (forced-colors: active) { .chain rect, .chain .link, .days rect { stroke: CanvasText; fill: Canvas; } .time .left { fill: CanvasText; } .time .whole { fill: Canvas; } .chain text { fill: CanvasText; } .state, .banner, .note { border-color: CanvasText; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { .site nav, .menu, .who, form, .actions, button, .stale, .pager { display: none !important; }
  body { font-size: 10pt; } main { padding: 0; display: block; } .panel, .banner { break-inside: avoid; margin-bottom: 1rem; }
  .rows > li, .steps > li { break-inside: avoid; } a { color: inherit; } details::details-content { content-visibility: visible; block-size: auto; } }
`;
