import { html } from 'hono/html';
import type { Answer } from '../problem.ts';
import { barePage } from './bare-page.ts';

/**
 * Sends the key once in a header, and forgets it: the host checks it, and the app answers with a cookie. First as
 * a POST, which a key that may act opens; else as a GET, which a key that may only read opens.
 */
const SCRIPT = `(() => {
const form = document.getElementById('sign-in'), input = document.getElementById('key');
const button = form.querySelector('button'), outcome = document.getElementById('outcome');
form.hidden = false;
input.focus();
const open = (method, key) => fetch('/api/session', {
  method, cache: 'no-store', credentials: 'same-origin',
  headers: { 'x-functions-key': key, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
  ...(method === 'POST' ? { body: '{}' } : {}),
});
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const key = input.value.trim();
  if (key === '') return;
  button.disabled = true;
  outcome.textContent = 'The key is being checked.';
  try {
    let answer = await open('POST', key);
    if (answer.status === 401) answer = await open('GET', key);
    if (answer.ok) {
      input.value = '';
      // Loading a form's answer again would send the form again.
      if (form.dataset.asked === 'POST') location.replace(location.pathname + location.search);
      else location.reload();
      return;
    }
    outcome.textContent = answer.status === 401
      ? 'This key is not accepted. It may have been renewed, or it may belong to another app.'
      : 'The key could not be checked: the app answered ' + answer.status + '. Try again in a moment.';
  } catch {
    outcome.textContent = 'The key could not be sent. Check the network, and that the key has no unusual characters.';
  }
  button.disabled = false;
  input.focus();
});
})();`;

/**
 * Asks for a function key. The field has no name and the form stays hidden without its script: a browser could
 * only send the key in an address or in a body, where it would be logged.
 */
export function signInPage(
  { url: { origin, pathname }, method }: { url: URL; method: string },
  { deployment, ...options }: { status: number; jsonAddress: string; deployment?: string | undefined },
): Promise<Answer> {
  const main = html`<p>Sign in with a function key of this app, to see ${pathname === '/' ? 'its state' : html`<strong>${pathname.slice(0, 200)}</strong>`}.</p>
<form id="sign-in" method="post" action="/" data-asked="${method}" hidden>
<label for="key">Function key<input id="key" type="password" autocomplete="current-password" spellcheck="false" required></label>
<button>Sign in</button>
</form>
<p id="outcome" role="status"></p>
<noscript><p>Signing in here needs a script: it sends the key in a header, so that the key is in no address and in no log. Allow scripts for this address, or ask the API:</p>
<pre>curl -H 'x-functions-key: …' ${origin}/api/status</pre></noscript>
<p class="quiet">A key of the function <code>status</code> lets you read, one of <code>actions</code> or a host key lets you act as well. They are in the Azure portal, on the page <em>App keys</em> of the function app. You stay signed in for 8 hours, or until you sign out.</p>`;
  return barePage({ title: 'Sign in', main, script: SCRIPT, deployment }, options);
}
