/**
 * The one script. Without it every page is complete; with it a page refreshes while somebody looks, says since when
 * it is stale, shows the viewer's own clock beside UTC, and copies commands.
 */
export const PAGE_SCRIPT = `(() => {
const doc = document, body = doc.body, all = (of, what) => [...of.querySelectorAll(what)];
const clock = (date, more) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...more }).format(date);
const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
function words(ms) {
  let rest = Math.floor(Math.abs(ms) / 1000);
  const step = rest >= 86400 ? 3600 : rest >= 3600 ? 60 : 1;
  rest = Math.round(rest / step) * step;
  const parts = UNITS.map(([unit, size]) => { const n = Math.floor(rest / size); rest %= size; return [n, unit]; });
  const first = parts.findIndex(([n]) => n > 0);
  const text = first < 0 ? 'less than a second' : parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => n + ' ' + unit + (n === 1 ? '' : 's')).join(' ');
  return ms > 0 ? 'in ' + text : text + ' ago';
}
// The viewer's clock may be wrong: distances count from the server's time.
let offset = Date.parse(body.dataset.now) - Date.now();
const serverNow = () => Date.now() + offset;
function age(part) { for (const one of all(part, '[data-distance]')) one.textContent = words(Date.parse(one.dataset.distance) - serverNow()); }
function enhance(part) {
  for (const time of all(part, 'time[datetime]')) {
    const at = new Date(time.dateTime);
    if (at.getTimezoneOffset() === 0 || time.querySelector('.local')) continue;
    const local = doc.createElement('span');
    local.className = 'local';
    local.textContent = ' (' + clock(at, at.getDate() === at.getUTCDate() ? {} : { weekday: 'short' }) + ' your time)';
    time.append(local);
  }
  for (const option of all(part, 'option[data-hour]')) {
    const at = new Date(serverNow());
    at.setHours(Number(option.dataset.hour), 0, 0, 0);
    if (at - serverNow() < 3600000) at.setDate(at.getDate() + 1);
    option.value = at.toISOString();
    option.textContent = 'Until ' + clock(at, { weekday: 'short', day: 'numeric', month: 'short' }) + ' your time';
  }
  for (const button of all(part, 'button[data-copy]')) button.hidden = false;
  age(part);
}
const status = doc.getElementById('copied'), stale = doc.getElementById('stale'), pause = doc.getElementById('pause');
doc.addEventListener('click', async ({ target }) => {
  const button = target.closest('button[data-copy]');
  if (!button) return;
  const from = doc.getElementById(button.dataset.copy);
  try { await navigator.clipboard.writeText(from.textContent); status.textContent = button.textContent = 'Copied'; }
  catch { getSelection().selectAllChildren(from); status.textContent = button.textContent = 'Selected'; }
  setTimeout(() => { button.textContent = 'Copy'; status.textContent = ''; }, 2000);
});
const FIELDS = 'a, button, summary, input, select, textarea';
const live = new Map(all(doc, '[data-live]').map((part) => [part.id, part.innerHTML]));
doc.addEventListener('input', ({ target }) => { const part = target.closest('[data-live]'); if (part) part.dataset.touched = ''; });
// A form that was refused shows what was typed, which the page of its address does not.
for (const form of all(doc, 'form[data-kept]')) { const part = form.closest('[data-live]'); if (part) part.dataset.touched = ''; }
function renew(part, fresh) {
  if (live.get(part.id) === fresh.innerHTML || 'touched' in part.dataset) return;
  live.set(part.id, fresh.innerHTML);
  const open = all(part, 'details').map((one) => one.open), focused = all(part, FIELDS).indexOf(doc.activeElement);
  part.className = fresh.className;
  part.replaceChildren(...doc.importNode(fresh, true).childNodes);
  const details = all(part, 'details');
  if (details.length === open.length) details.forEach((one, index) => { one.open = open[index]; });
  enhance(part);
  if (focused >= 0) all(part, FIELDS)[focused]?.focus();
}
let lastTry = Date.now(), isPaused = false, isRunning = false;
async function refresh() {
  isRunning = true;
  try {
    const answer = await fetch(location.href, { redirect: 'manual', headers: { accept: 'text/html' } });
    if (answer.status !== 200) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const parts = all(fresh, '[data-live]');
    if (fresh.body.dataset.page !== body.dataset.page) throw new Error('another page');
    if (parts.length !== live.size && !doc.querySelector('[data-touched]')) return location.reload();
    for (const part of parts) { const shown = doc.getElementById(part.id); if (shown) renew(shown, part); }
    Object.assign(body.dataset, { now: fresh.body.dataset.now, refresh: fresh.body.dataset.refresh });
    doc.title = fresh.title;
    offset = Date.parse(body.dataset.now) - Date.now();
    stale.hidden = true;
  } catch {
    stale.hidden = false;
    const at = stale.querySelector('[data-distance]');
    at.dataset.distance = body.dataset.now;
    age(stale);
  }
  lastTry = Date.now();
  isRunning = false;
}
pause.hidden = false;
pause.addEventListener('click', () => { isPaused = !isPaused; pause.textContent = isPaused ? 'Resume' : 'Pause'; });
setInterval(() => {
  if (doc.hidden || isPaused) return;
  age(body);
  if (!isRunning && Date.now() - lastTry >= Number(body.dataset.refresh) * 1000) refresh();
}, 1000);
enhance(body);
})();`;
