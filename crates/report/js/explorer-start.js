// Starts the explorer of images or of words.

import { sectionWithData } from './section.js';
import { exploreImages } from './explorer.js';
import { exploreWords } from './explorer-words.js';

/** Starts the explorer, if the page has one. */
export function startExplorer() {
  const section = sectionWithData('explorer');
  if (!section) return;
  const { element, data } = section;
  element.querySelector('.explorer-without').hidden = true;
  const root = element.querySelector('.explorer');
  if (data.images) exploreImages(root, data);
  else exploreWords(root, data);
}
