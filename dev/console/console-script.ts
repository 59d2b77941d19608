/**
 * Runs a scenario without leaving the page, asks every second for what is new, and measures the time from a click to
 * the first card. What arrived stays as it is, so that an opened mail stays open; new arrivals are put in front.
 */
export const CONSOLE_SCRIPT = `(() => {
const doc = document, by = (id) => doc.getElementById(id), all = (of, what) => [...of.querySelectorAll(what)];
const result = by('result'), waiting = by('waiting'), lost = by('lost'), list = by('arrivals');
const newest = () => Math.max(0, ...all(list, '.arrival').map((one) => Number(one.dataset.number)));
let asked;
const say = (text, isFault) => { result.hidden = false; result.className = 'note ' + (isFault ? 'down' : 'fine'); result.textContent = text; };
doc.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { target, submitter } = event;
  const body = new URLSearchParams(new FormData(target, submitter));
  asked = { at: performance.now(), number: newest() };
  waiting.hidden = true;
  try {
    const answer = await fetch(target.action, { method: 'POST', body, headers: { accept: 'application/json' } });
    const { said, waits } = await answer.json();
    say(said, !answer.ok);
    if (!answer.ok || !waits) asked = undefined;
  } catch { asked = undefined; lost.hidden = false; }
  await refresh();
});
const FIELDS = 'a, button, summary, input, select';
function renew(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const open = new Map(all(part, 'details[data-key]').map((one) => [one.dataset.key, one.open]));
  const focused = all(part, FIELDS).indexOf(doc.activeElement);
  part.replaceChildren(...doc.importNode(fresh, true).childNodes);
  for (const one of all(part, 'details[data-key]')) one.open = open.get(one.dataset.key) ?? false;
  if (focused >= 0) (all(part, FIELDS)[focused] ?? all(part, FIELDS).at(-1))?.focus();
}
function arrive(fresh) {
  const seen = newest();
  const news = all(fresh, '.arrival').filter((one) => Number(one.dataset.number) > seen);
  if (news.length === 0) return;
  for (const one of all(list, '.new')) one.classList.remove('new');
  for (const one of news.reverse()) { const item = doc.importNode(one, true); item.classList.add('new'); list.prepend(item); }
  if (asked && news.some((one) => one.classList.contains('teams'))) {
    say('The card arrived ' + seconds() + ' s after your click.', false);
    asked = undefined;
  }
}
const seconds = () => Math.max(1, Math.round((performance.now() - asked.at) / 1000));
function wait() {
  if (asked && seconds() > 120) asked = undefined;
  waiting.hidden = !asked;
  if (asked) waiting.textContent = 'Waiting for the first card: ' + seconds() + ' s';
}
let isRunning = false;
async function refresh() {
  if (isRunning) return;
  isRunning = true;
  try {
    const answer = await fetch('/', { headers: { accept: 'text/html' } });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of all(doc, '[data-live]')) { const now = fresh.getElementById(part.id); if (now) renew(part, now); }
    arrive(fresh);
    lost.hidden = true;
  } catch { lost.hidden = false; }
  isRunning = false;
  wait();
}
setInterval(() => { if (!doc.hidden) refresh(); }, 1000);
})();`;
