// Live quote: a form marked data-quote="ADDRESS" asks that address for a fragment whenever a field changes, and shows it in the
// element named by data-quote-into. Without script the form's own button does the same by a page. What is personal (purpose, note)
// is not asked about: it must not stand in an address.

import { fill } from './weeks.js';

const ASKED = ['on', 'from', 'to', 'mode', 'voucher', 'purpose_kind'];

/** @param {Document} page */
export function watchQuotes(page) {
  for (const form of page.querySelectorAll('form[data-quote]')) {
    if (form instanceof HTMLFormElement) watchQuote(page, form);
  }
}

/**
 * @param {Document} page
 * @param {HTMLFormElement} form
 */
function watchQuote(page, form) {
  const into = page.querySelector(form.dataset.quoteInto ?? '');
  if (!into) return;
  /** @type {AbortController | undefined} */
  let running;
  /** @type {number | undefined} */
  let waiting;

  const ask = async () => {
    running?.abort();
    running = new AbortController();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string' && ASKED.includes(name)) fields.append(name, value);
    }
    into.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(`${form.dataset.quote}?${fields}`, { headers: { 'HX-Request': 'true' }, signal: running.signal });
      // a refusal is a fragment too; anything else leaves the last quote standing
      if (answer.ok || answer.status === 409 || answer.status === 422) into.innerHTML = await answer.text();
      into.removeAttribute('aria-busy');
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) into.removeAttribute('aria-busy');
    }
  };
  // another time than the one that was refused
  into.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button[name=take]') : null;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const [day, from, to] = button.value.split(' ');
    fill(form, day, from, to);
  });
  form.addEventListener('input', (event) => {
    if (event.target instanceof HTMLInputElement && !ASKED.includes(event.target.name)) return;
    if (event.target instanceof HTMLTextAreaElement) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(ask, 250);
  });
}
