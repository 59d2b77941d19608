/** Beside the style sheet of the product's own pages, so that both look alike. */
export const CONSOLE_STYLE = `
.site .pages { display: block; margin-inline-start: auto; }
.guide { background: var(--panel); }
.guide .steps > li { align-content: start; }
@media (min-width: 60rem) { .guide .steps { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1.5rem; } }
.heading { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: center; justify-content: space-between; min-height: 2.2rem; }
.clock, .clock form { display: flex; flex-wrap: wrap; gap: .3rem .4rem; align-items: center; }
.clock { gap: .3rem .9rem; }
.lockwatch { gap: .3rem; }
.lockwatch .rows > li { padding: .3rem 0; }
.lockwatch p { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: center; max-width: none; }
.halves, .azure, .admins, .vaults { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; align-content: start; }
@media (min-width: 60rem) {
  .halves { grid-template-columns: minmax(0, 11fr) minmax(0, 9fr); gap: 1.5rem; }
  .admins { position: sticky; top: .6rem; }
  #arrivals { max-height: calc(100vh - 4.5rem); overflow-y: auto; padding-inline-end: .4rem; }
  .to-admins { display: none !important; } }
.vault header { display: grid; gap: .1rem; }
.vault .policy { border-top: 1px solid var(--line); padding-top: .6rem; display: grid; gap: .4rem; }
.chain-line { display: flex; flex-wrap: wrap; gap: .1rem .5rem; align-items: center; max-width: none; }
.chain-line > .small:first-child { min-width: 2.8rem; }
.why { color: var(--down); }
.environments { display: flex; flex-wrap: wrap; gap: .3rem; }
.environments > li:not(.quiet) { border: 1px solid var(--tone); color: var(--tone); background: var(--tone-back); border-radius: 4px; padding: .05rem .5rem; }
.environments > .on { --tone: var(--fine); --tone-back: var(--fine-back); }
.environments > .off { --tone: var(--down); --tone-back: var(--down-back); border-width: 2px; font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: .4rem; }
.buttons button, .standing button { min-height: 2.25rem; padding: .25rem .7rem; }
.whole-vault { border-top: 1px solid var(--line); padding-top: .6rem; }
.standing { display: grid; gap: .4rem; }
.standing > li { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center; justify-content: space-between; max-width: none; border: 1px solid var(--down); border-radius: 4px; background: var(--down-back); padding: .35rem .6rem; }
.scenarios, .targets { display: grid; gap: .6rem; }
.targets { grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); }
.targets label { display: grid; gap: .2rem; font-size: .875rem; }
.channels { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
.channels label { display: inline-flex; gap: .35rem; align-items: center; min-height: 1.6rem; }
.channels input { width: 1.15rem; height: 1.15rem; min-height: 0; margin: 0; }
#arrivals { display: grid; gap: .8rem; grid-template-columns: minmax(0, 1fr); }
#arrivals:empty { display: none; }
.admins:has(.arrival) #no-arrivals { display: none; }
.admins:has(#show-teams:not(:checked)) .teams, .admins:has(#show-mail:not(:checked)) .mail, .admins:has(#show-event:not(:checked)) .event { display: none; }
.arrival { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .8rem; max-width: none; display: grid; gap: .3rem; grid-template-columns: minmax(0, 1fr); }
.arrival.new { border: 2px solid var(--link); }
.arrival > * { min-width: 0; }
.card { display: grid; gap: .35rem; grid-template-columns: minmax(0, 1fr); border-inline-start: 4px solid var(--edge); padding-inline-start: .8rem; }
.card p { max-width: none; } .card .bolder { font-weight: 650; } .card .large { font-size: 1.2rem; line-height: 1.25; } .card .extralarge { font-size: 1.35rem; line-height: 1.25; }
.card .attention { color: var(--down); } .card .warning { color: var(--suspected); } .card .good { color: var(--fine); }
.card dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .8rem; } .card dt { font-weight: 650; }
.arrival iframe { width: 100%; height: 34rem; border: 1px solid var(--line); background: #fff; color-scheme: light; resize: vertical; }
.to-admins { position: sticky; bottom: 0; }
.to-admins a { display: block; padding: .7rem 1rem; background: var(--text); color: var(--back); font-size: .9rem; font-weight: 650; text-align: center; text-decoration: none; }
.arrival summary { font-weight: 600; } .arrival summary .quiet { font-weight: 400; }
`;
