// Weeks: drag over a free span of the calendar to choose a time. The choice goes into the fields of the form named by data-into
// (on, from, to), which then tells of its change. A click on a free span does the same, so that nothing typed is lost; without script
// it is a link to the page with that time.

const QUARTER = 15;

/** @param {Document} page */
export function watchWeeks(page) {
  for (const week of page.querySelectorAll('.cal[data-into]')) {
    const form = page.querySelector(week.getAttribute('data-into') ?? '');
    if (week instanceof HTMLElement && form instanceof HTMLFormElement) watchWeek(week, form);
  }
}

/**
 * @typedef {{ column: HTMLElement, day: string, from: number, to: number, start: number, mark: HTMLLIElement }} Drag
 * quarters from the top of the column: the free span is [from, to), the pointer went down at start
 */

/**
 * @param {HTMLElement} week
 * @param {HTMLFormElement} form
 */
function watchWeek(week, form) {
  const opens = Number(week.dataset.opens ?? 0);
  const grid = Math.max(1, Math.round(Number(week.dataset.gridMinutes ?? 30) / QUARTER));
  /** @type {Drag | undefined} */
  let drag;

  week.addEventListener('pointerdown', (event) => {
    const slot = event.target instanceof Element ? event.target.closest('.slot.free') : null;
    if (event.button !== 0 || event.pointerType === 'touch' || !(slot instanceof HTMLElement)) return;
    const column = slot.parentElement;
    const day = slot.closest('[data-day]')?.getAttribute('data-day');
    if (!column || !day) return;
    const from = Number(slot.style.getPropertyValue('--from')) - 1;
    const to = from + Number(slot.style.getPropertyValue('--len'));
    drag = { column, day, from, to, start: quarterAt(column, event), mark: document.createElement('li') };
    drag.mark.className = 'slot pick';
  });
  week.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('.slot.free a') : null;
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const wanted = new URL(link.href).searchParams;
    const [day, from, to] = ['on', 'from', 'to'].map((name) => wanted.get(name));
    if (!day || !from || !to) return;
    event.preventDefault();
    fill(form, day, from, to);
  });
  form.addEventListener('input', () => mark(week, form, opens));
  week.addEventListener('dragstart', (event) => event.preventDefault());
  window.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const [from, to] = chosen(drag, quarterAt(drag.column, event), grid);
    if (to - from <= grid && !drag.mark.isConnected) return;
    for (const old of week.querySelectorAll('.slot.pick')) if (old !== drag.mark) old.remove();
    drag.mark.style.setProperty('--from', String(from + 1));
    drag.mark.style.setProperty('--len', String(to - from));
    drag.mark.textContent = `${clock(opens + from * QUARTER)}–${clock(opens + to * QUARTER)}`;
    if (!drag.mark.isConnected) drag.column.append(drag.mark);
  });
  window.addEventListener('pointerup', (event) => {
    if (!drag) return;
    const [from, to] = chosen(drag, quarterAt(drag.column, event), grid);
    const moved = drag.mark.isConnected;
    const day = drag.day;
    drag = undefined;
    if (!moved) return;
    // the click that ends a drag must not follow the link under it
    window.addEventListener('click', (click) => click.preventDefault(), { capture: true, once: true });
    setTimeout(() => fill(form, day, clock(opens + from * QUARTER), clock(opens + to * QUARTER)));
  });
}

/**
 * Shows the time that the form holds, where its day is on the page.
 * @param {HTMLElement} week
 * @param {HTMLFormElement} form
 * @param {number} opens minutes since midnight at the top of a column
 */
function mark(week, form, opens) {
  const fields = new FormData(form);
  const [from, to] = ['from', 'to'].map((name) => minutes(String(fields.get(name) ?? '')));
  for (const old of week.querySelectorAll('.slot.pick')) old.remove();
  const column = week.querySelector(`[data-day="${CSS.escape(String(fields.get('on') ?? ''))}"] ol`);
  if (!column || from === undefined || to === undefined || from < opens || to <= from) return;
  const picked = document.createElement('li');
  picked.className = 'slot pick';
  picked.style.setProperty('--from', String((from - opens) / QUARTER + 1));
  picked.style.setProperty('--len', String((to - from) / QUARTER));
  picked.textContent = `${clock(from)}–${clock(to)}`;
  column.append(picked);
}

/** @param {string} time */
function minutes(time) {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(time) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/**
 * @param {HTMLElement} column
 * @param {PointerEvent} event
 */
function quarterAt(column, event) {
  const box = column.getBoundingClientRect();
  const quarters = Number(getComputedStyle(column).getPropertyValue('--hours')) * 4;
  const lies = box.width > box.height * 2;
  const share = lies ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
  return Math.floor(share * quarters);
}

/**
 * @param {Drag} drag
 * @param {number} at
 * @param {number} grid quarters
 * @returns {[number, number]}
 */
function chosen(drag, at, grid) {
  const low = Math.min(drag.start, at);
  const high = Math.max(drag.start, at) + 1;
  const from = Math.max(drag.from, Math.floor(low / grid) * grid);
  return [from, Math.min(drag.to, Math.max(from + grid, Math.ceil(high / grid) * grid))];
}

/** @param {number} minutes since midnight */
function clock(minutes) {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} day
 * @param {string} from
 * @param {string} to
 */
export function fill(form, day, from, to) {
  for (const [name, value] of [['on', day], ['from', from], ['to', to]]) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLSelectElement) {
      const padded = value.padStart(5, '0');
      const known = [...field.options].find((option) => option.value === value || option.value === padded);
      if (!known) field.add(new Option(value, value));
      field.value = known?.value ?? value;
    } else if (field instanceof HTMLInputElement) {
      field.value = field.type === 'time' ? value.padStart(5, '0') : value;
    }
  }
  form.dispatchEvent(new Event('input', { bubbles: true }));
  form.scrollIntoView({ block: 'nearest' });
}
