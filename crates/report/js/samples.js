// Samples through training: one moment at a time, chosen by a slider or by a click on a curve.
import { onEpoch, sectionWithData } from './section.js';

/** The index of the last moment whose epoch is not beyond `epoch`; the first if there is none. */
export function momentAt(epochs, epoch) {
  const index = epochs.findLastIndex((own) => own !== null && own <= epoch + 1e-9);
  return Math.max(index, 0);
}

/** Writes words into a cell, with commas; those that are among `right` are bold. All is text. */
function fillWords(cell, words, right) {
  cell.replaceChildren();
  words.forEach((word, index) => {
    if (index > 0) cell.append(', ');
    const shown = word.replaceAll('_', ' ');
    const bold = right.has(shown) ? document.createElement('b') : null;
    bold?.append(shown);
    cell.append(bold ?? shown);
  });
}

/** Starts the section's script, if the page has samples of several moments. */
export function startSamples() {
  const found = sectionWithData('samples');
  if (!found || found.data.captions.length < 2) return;
  const { element: section, data } = found;
  const controls = section.querySelector('.controls');
  const slider = controls.querySelector('input');
  const output = controls.querySelector('output');
  const figures = [...section.querySelectorAll('.strip figure')];
  const rows = [...section.querySelectorAll('tbody tr')];
  const last = data.captions.length - 1;
  controls.hidden = false;
  section.querySelector('.strip')?.classList.add('single');
  slider.max = last;

  const show = (index) => {
    slider.value = index;
    output.textContent = data.captions[index];
    slider.setAttribute('aria-valuetext', data.captions[index]);
    figures.forEach((figure, own) => {
      figure.hidden = own !== index;
    });
    if (data.words) {
      section.querySelector('caption').textContent = data.captions[index];
      rows.forEach((row, own) => {
        const right = new Set(row.querySelector('.own').textContent.split(', '));
        fillWords(row.querySelector('.words'), data.words[index][own] ?? [], right);
      });
    }
  };
  const by = (change) => show(Math.min(Math.max(Number(slider.value) + change, 0), last));
  slider.addEventListener('input', () => show(Number(slider.value)));
  controls.querySelector('.previous').addEventListener('click', () => by(-1));
  controls.querySelector('.next').addEventListener('click', () => by(1));
  onEpoch((epoch) => show(momentAt(data.epochs, epoch)));
  show(last);
}
