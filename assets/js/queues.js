// Queues: in a list marked data-queue, j and k go down and up, Enter opens what the row is about. Tab works as everywhere.

/** @param {Document} page */
export function watchQueues(page) {
  const queue = page.querySelector('[data-queue]');
  if (!(queue instanceof HTMLElement)) return;
  page.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === 'j' || event.key === 'k') {
      event.preventDefault();
      step(queue, event.key === 'j' ? 1 : -1);
    } else if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.matches('[data-row]')) {
      event.target.querySelector('a')?.click();
    }
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches('input, select, textarea, [contenteditable]');
}

/**
 * @param {HTMLElement} queue
 * @param {number} by
 */
function step(queue, by) {
  const rows = [...queue.querySelectorAll('[data-row]')].filter((row) => row instanceof HTMLElement);
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
