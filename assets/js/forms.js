// Forms: a button that was pressed says that it is at work, and cannot be pressed twice; a refused form brings the reader to its errors.

/** @param {Document} page */
export function watchForms(page) {
  page.addEventListener('submit', (event) => {
    const button = event instanceof SubmitEvent ? event.submitter : null;
    if (!(button instanceof HTMLButtonElement) || button.getAttribute('aria-busy') === 'true') {
      if (button) event.preventDefault();
      return;
    }
    if (button.form?.method === 'post') button.setAttribute('aria-busy', 'true');
  });
  // a page that comes back from the browser's memory must not look as if it were still at work
  window.addEventListener('pageshow', () => {
    for (const button of page.querySelectorAll('button[aria-busy="true"]')) button.removeAttribute('aria-busy');
  });
  const errors = page.querySelector('[data-errors]');
  if (errors instanceof HTMLElement) errors.focus();
}
