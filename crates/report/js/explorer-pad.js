// A square in which a point is moved, by pointer or arrow keys.

/** Calls `onMove(right, up)` with whole numbers from -100 to 100. Returns what puts the point somewhere. */
export function padOf(element, onMove) {
  const point = element.querySelector('.explorer-point');
  let at = [0, 0];
  const put = (right, up) => {
    at = [right, up].map((number) => Math.round(Math.min(100, Math.max(-100, number))));
    point.style.left = `${50 + at[0] / 2}%`;
    point.style.top = `${50 - at[1] / 2}%`;
  };
  const move = (right, up) => {
    put(right, up);
    onMove(...at);
  };
  const follow = (event) => {
    const box = element.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width) * 200 - 100, 100 - ((event.clientY - box.top) / box.height) * 200);
  };
  element.addEventListener('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    follow(event);
  });
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) follow(event);
  });
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  element.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (!step && event.key !== 'Home') return;
    event.preventDefault();
    const far = event.shiftKey ? 20 : 5;
    if (step) move(at[0] + far * step[0], at[1] + far * step[1]);
    else move(0, 0);
  });
  put(0, 0);
  return put;
}
