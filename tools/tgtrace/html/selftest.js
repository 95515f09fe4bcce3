// With #selftest the page uses itself as a reader would, by events, and says what came of it.
if (location.hash === '#selftest') {
  const said = {};
  const inView = () => [Math.round(view.from), Math.round(view.to)];
  const at = (x, y) => {
    const box = canvas.getBoundingClientRect();
    return {clientX: box.left + x, clientY: box.top + y, bubbles: true, cancelable: true};
  };
  said.whole = inView();
  said.drawn = seen.tasks;
  said.arrows = seen.arrows;
  canvas.dispatchEvent(new WheelEvent('wheel', {...at(gutter + plotWidth() / 2, 60), deltaY: -100}));
  said.wheel = inView();
  window.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
  said.right = inView();
  window.dispatchEvent(new KeyboardEvent('keydown', {key: '0'}));
  said.reset = inView();
  window.dispatchEvent(new KeyboardEvent('keydown', {key: 'n'}));
  said.slowest = inView();
  const task = chosenTask;
  if (task && task.started >= 0) {
    const x = xOf((task.started + endOf(task)) / 2), y = laneTop[task.thread] + task.depth * rowHeight + 5;
    canvas.dispatchEvent(new PointerEvent('pointermove', at(x, y)));
    said.tip = tip.hidden ? null : tip.textContent;
  }
  document.querySelector('.group')?.click();
  said.scope = byId('scope').textContent;
  said.histograms = document.querySelectorAll('.histogram svg').length;
  const before = getComputedStyle(document.body).backgroundColor;
  byId('theme').click();
  said.themes = [before, getComputedStyle(document.body).backgroundColor];
  byId('selftest').textContent = JSON.stringify(said);
}
