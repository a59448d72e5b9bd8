// What both kinds of explorer share.

import { logistic } from './net.js';
import { addressOf } from './explorer-state.js';

/** A number with so many digits behind the point. */
export function numberText(value, digits) {
  return value.toFixed(digits).replace('-', '−');
}

/** What D says of logits, in words. */
export function verdictOf(d, logits) {
  const values = logits.map((logit) => (d.probability ? logistic(logit) : logit));
  const one = values.length === 1;
  const name = d.probability
    ? `D’s probability that ${one ? 'this is' : 'these are'} real`
    : `D’s ${one ? 'score' : 'scores'}, higher if more real`;
  const text = (value) => numberText(value, 2);
  if (one) return `${name}: ${text(values[0])}`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${name}: mean ${text(mean)}, from ${text(Math.min(...values))} to ${text(Math.max(...values))}`;
}

/** Does `work` before the next frame, once, however often it is asked for until then. */
export function onceAFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

/** Writes a section's state into the address, soon: a browser refuses many changes in a short time. */
export function addressWriter(section, beginning) {
  let timer = 0;
  return (state) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const address = addressOf(section, state, beginning);
      const ours = location.hash === `#${section}` || location.hash.startsWith(`#${section}?`);
      if (address !== section || ours) history.replaceState(null, '', `#${address}`);
    }, 200);
  };
}
