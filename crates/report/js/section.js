// What every section's script begins with.

/** The section of this id and the data that it carries, or null where the page has no such section. */
export function sectionWithData(id) {
  const element = document.getElementById(id);
  const data = element?.querySelector(':scope > script[type="application/json"]');
  return data ? { element, data: JSON.parse(data.textContent) } : null;
}

/** Says that the reader has chosen an epoch. */
export function tellEpoch(epoch) {
  document.dispatchEvent(new CustomEvent('cgan:epoch', { detail: epoch }));
}

/** Calls `listener` with each epoch that the reader chooses. */
export function onEpoch(listener) {
  document.addEventListener('cgan:epoch', (event) => listener(event.detail));
}
