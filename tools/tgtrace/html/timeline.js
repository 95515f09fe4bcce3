// The timeline: a lane for each thread, tasks in the colours of their groups, events as arrows.
const gutter = 128, axisHeight = 26, pathHeight = 20, rowHeight = 17, laneGap = 7;
const shortest = 100;  // ns in view
const mostArrows = 150;  // in view; beyond, they hide what they are about
const canvas = document.getElementById('timeline');
const pen = canvas.getContext('2d');
const tip = document.getElementById('tip');
const view = {from: 0, to: Math.max(trace.length, shortest)};
let chosenGroup = -1;
let chosenTask = null;

// Workers first.
const order = lanes.map((_, thread) => thread).sort((a, b) => trace.threads[b][1] - trace.threads[a][1] || a - b);
const laneTop = [];
let bottom = axisHeight + pathHeight;
for (const thread of order) {
  laneTop[thread] = bottom;
  bottom += Math.max(lanes[thread].length, 1) * rowHeight + laneGap;
}

const plotWidth = () => canvas.clientWidth - gutter;
const xOf = (ns) => gutter + (ns - view.from) / (view.to - view.from) * plotWidth();
const nsOf = (x) => view.from + (x - gutter) / plotWidth() * (view.to - view.from);

function show(from, to) {
  const whole = Math.max(trace.length, shortest);
  const span = Math.min(Math.max(to - from, shortest), whole);
  view.from = Math.min(Math.max(from, 0), whole - span);
  view.to = view.from + span;
  draw();
}
function zoom(at, factor) { show(at - (at - view.from) * factor, at + (view.to - at) * factor); }
function move(share) { show(view.from + (view.to - view.from) * share, view.to + (view.to - view.from) * share); }

// Of items that do not overlap: the first that ends in or after the view.
function firstIn(row, from) {
  let low = 0, high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(row[middle]) < from) low = middle + 1; else high = middle;
  }
  return low;
}

function drawAxis(height) {
  const span = view.to - view.from;
  let step = 10 ** Math.floor(Math.log10(span / 6));
  for (const factor of [2, 5, 10]) if (span / step > 9) step = factor * 10 ** Math.floor(Math.log10(span / 6));
  pen.font = '11px system-ui, sans-serif';
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = Math.round(xOf(at)) + 0.5;
    pen.strokeStyle = palette.line;
    pen.beginPath(); pen.moveTo(x, axisHeight - 6); pen.lineTo(x, height); pen.stroke();
    pen.fillStyle = palette.soft;
    pen.fillText(duration(at), x + 3, axisHeight - 10);
  }
}

function drawTask(task, y, seen) {
  const left = Math.max(xOf(task.started), gutter), right = Math.min(xOf(endOf(task)), canvas.clientWidth);
  const pixel = Math.floor(left);
  if (right - left < 1 && pixel === seen.pixel) return;  // nothing new on this pixel
  seen.pixel = pixel;
  ++seen.tasks;
  pen.globalAlpha = chosenGroup < 0 || chosenGroup === task.group ? 1 : 0.22;
  pen.fillStyle = palette.groups[task.group];
  pen.fillRect(left, y, Math.max(right - left - (right - left > 3 ? 0.6 : 0), 1), rowHeight - 2);
  if (right - left > 4) drawInside(task, left, right, y);
  pen.globalAlpha = 1;
  if (task === chosenTask) {
    pen.strokeStyle = palette.ink; pen.lineWidth = 2;
    pen.strokeRect(left + 1, y + 1, Math.max(right - left - 2, 2), rowHeight - 4);
    pen.lineWidth = 1;
  }
}

function drawInside(task, left, right, y) {
  pen.fillStyle = palette.wait;
  for (let i = firstIn(task.waits, view.from); i < task.waits.length && task.waits[i].began < view.to; ++i) {
    const from = Math.max(xOf(task.waits[i].began), left), to = Math.min(xOf(endOf(task.waits[i])), right);
    pen.fillRect(from, y, Math.max(to - from, 0.5), rowHeight - 2);
  }
  if (right - left < 60) return;
  pen.save();
  pen.beginPath(); pen.rect(left, y, right - left - 4, rowHeight); pen.clip();
  pen.fillStyle = '#fff';
  pen.font = '11px system-ui, sans-serif';
  pen.fillText(`${groups[task.group].name} #${task.id}`, left + 4, y + rowHeight - 5);
  pen.restore();
}

function drawLanes(seen) {
  lanes.forEach((lane, thread) => {
    const top = laneTop[thread], height = Math.max(lane.length, 1) * rowHeight;
    pen.fillStyle = palette.lane;
    pen.fillRect(gutter, top - 1, plotWidth(), height);
    pen.fillStyle = palette.parked;
    for (const [from, to] of trace.parked[thread]) {
      if (to >= view.from && from <= view.to) pen.fillRect(Math.max(xOf(from), gutter), top - 1, xOf(to) - Math.max(xOf(from), gutter), height);
    }
    lane.forEach((row, depth) => {
      seen.pixel = -1;
      if (!row) return;
      for (let i = firstIn(row, view.from); i < row.length && row[i].started < view.to; ++i) {
        drawTask(row[i], top + depth * rowHeight, seen);
      }
    });
  });
}

const arrowY = (thread) => thread < 0 ? axisHeight : laneTop[thread] + rowHeight / 2 - 1;

// Where many events are in view, only a mark on the axis tells of each.
function drawEvents(height) {
  const sets = trace.sets.filter(([, , , at]) => at >= view.from && at <= view.to);
  const heards = trace.heards.filter(([set, , at]) => set >= 0 && at >= view.from && trace.sets[set][3] <= view.to);
  const all = sets.length + heards.length <= mostArrows;
  pen.strokeStyle = palette.set; pen.fillStyle = palette.set;
  pen.globalAlpha = 0.75;
  for (const [, thread, , at] of sets) drawSet(xOf(at), thread, all, height);
  if (all) for (const [set, thread, at] of heards) arrow(xOf(trace.sets[set][3]), arrowY(trace.sets[set][1]), xOf(at), arrowY(thread));
  pen.globalAlpha = 1;
  seen.arrows = all ? heards.length : 0;
  byId('crowded').hidden = all;
  byId('crowded').textContent = `${sets.length} sets, ${heards.length} heard: zoom in for the arrows`;
}

function drawSet(x, thread, isDetailed, height) {
  if (!isDetailed) return pen.fillRect(x - 0.5, axisHeight - 5, 1, 5);
  pen.setLineDash([2, 3]);
  pen.beginPath(); pen.moveTo(x, axisHeight - 5); pen.lineTo(x, height); pen.stroke();
  pen.setLineDash([]);
  pen.beginPath(); pen.arc(x, arrowY(thread), 3.5, 0, 7); pen.fill();
}

function arrow(x1, y1, x2, y2) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  pen.beginPath(); pen.moveTo(x1, y1); pen.lineTo(x2, y2); pen.stroke();
  pen.beginPath(); pen.moveTo(x2, y2);
  for (const turn of [2.7, -2.7]) pen.lineTo(x2 + 7 * Math.cos(angle + turn), y2 + 7 * Math.sin(angle + turn));
  pen.fill();
}

function drawPath() {
  pen.fillStyle = palette.path;
  for (const [, task, from, to] of trace.path) {
    if (to < view.from || from > view.to) continue;
    const left = Math.max(xOf(from), gutter);
    pen.globalAlpha = task < 0 ? 0.35 : 1;
    pen.fillRect(left, axisHeight + 4, Math.max(xOf(to) - left - 0.5, 0.7), 6);
  }
  pen.globalAlpha = 1;
}

function drawNames() {
  pen.clearRect(0, 0, gutter - 1, bottom);
  pen.font = '12px system-ui, sans-serif';
  lanes.forEach((_, thread) => {
    pen.fillStyle = trace.threads[thread][1] ? palette.ink : palette.soft;
    const [name, , tid] = trace.threads[thread];
    pen.fillText(`${name.slice(0, 11)} ${tid}`, 2, laneTop[thread] + rowHeight - 4);
  });
  pen.fillStyle = palette.soft;
  if (trace.path.length) pen.fillText('critical path', 2, axisHeight + 11);
}

function fit(which, height) {
  const ratio = window.devicePixelRatio || 1;
  which.style.height = `${height}px`;
  which.width = Math.round(which.clientWidth * ratio);
  which.height = Math.round(height * ratio);
  which.getContext('2d').setTransform(ratio, 0, 0, ratio, 0, 0);
}

const seen = {pixel: -1, tasks: 0, arrows: 0};
function draw() {
  const height = bottom + 4;
  fit(canvas, height);
  seen.tasks = 0;
  drawAxis(height);
  drawLanes(seen);
  drawPath();
  drawEvents(height);
  drawNames();
  drawOverview();
}

// How many tasks run, over the whole of the trace, and which part is in view.
const overview = document.getElementById('overview');
const load = new Float32Array(400);
for (const task of tasks) {
  if (task.started < 0) continue;
  const bin = (ns) => Math.min(Math.floor(ns / view.to * load.length), load.length - 1);
  for (let b = bin(task.started); b <= bin(endOf(task)); ++b) {
    const from = Math.max(task.started, b * view.to / load.length), to = Math.min(endOf(task), (b + 1) * view.to / load.length);
    load[b] += Math.max(to - from, 0);
  }
}
function drawOverview() {
  fit(overview, 34);
  const paint = overview.getContext('2d'), whole = Math.max(trace.length, shortest);
  const width = overview.clientWidth - gutter, most = Math.max(...load, 1);
  paint.fillStyle = palette.accent; paint.globalAlpha = 0.55;
  load.forEach((value, b) => paint.fillRect(gutter + b * width / load.length, 34 - 32 * value / most, width / load.length, 32 * value / most));
  paint.globalAlpha = 1; paint.strokeStyle = palette.ink;
  paint.strokeRect(gutter + view.from / whole * width + 0.5, 0.5, Math.max((view.to - view.from) / whole * width - 1, 2), 33);
}

function taskAt(x, y) {
  const thread = order.findLast((which) => laneTop[which] <= y);
  if (thread === undefined || x < gutter) return null;
  const row = lanes[thread][Math.floor((y - laneTop[thread]) / rowHeight)];
  if (!row) return null;
  const at = nsOf(x), slack = (view.to - view.from) / plotWidth() * 2;
  const task = row[firstIn(row, at - slack)];
  return task && task.started <= at + slack ? task : null;
}

function choose(task) {
  chosenTask = task;
  const from = task.started >= 0 ? task.started : Math.max(task.added, 0);  // one that was skipped never began
  const length = Math.max(endOf(task) - from, shortest);
  show(from - 2 * length, endOf(task) + 2 * length);
}

let dragFrom = null;
canvas.addEventListener('wheel', (event) => {
  event.preventDefault();
  zoom(Math.max(nsOf(event.offsetX), view.from), Math.exp(Math.sign(event.deltaY) * 0.22));
}, {passive: false});
canvas.addEventListener('pointerdown', (event) => {
  dragFrom = {x: event.offsetX, from: view.from, to: view.to};
  canvas.classList.add('dragged');
});
window.addEventListener('pointerup', () => { dragFrom = null; canvas.classList.remove('dragged'); });
canvas.addEventListener('pointermove', (event) => {
  if (dragFrom) {
    const shift = (event.offsetX - dragFrom.x) / plotWidth() * (dragFrom.to - dragFrom.from);
    return show(dragFrom.from - shift, dragFrom.to - shift);
  }
  const task = taskAt(event.offsetX, event.offsetY);
  tip.hidden = !task;
  if (!task) return;
  tip.textContent = tellTask(task);
  tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - 300)}px`;
  tip.style.top = `${event.clientY + 14}px`;
});
canvas.addEventListener('pointerleave', () => { tip.hidden = true; });
canvas.addEventListener('dblclick', (event) => { const task = taskAt(event.offsetX, event.offsetY); if (task) choose(task); });

const slowest = trace.slowest.filter((index) => index >= 0 && tasks[index].started >= 0);
let nextSlow = 0;
const middle = () => (view.from + view.to) / 2;
const keys = {
  '+': () => zoom(middle(), 0.7), '=': () => zoom(middle(), 0.7), w: () => zoom(middle(), 0.7),
  '-': () => zoom(middle(), 1 / 0.7), s: () => zoom(middle(), 1 / 0.7),
  ArrowLeft: () => move(-0.2), a: () => move(-0.2), ArrowRight: () => move(0.2), d: () => move(0.2),
  0: () => show(0, trace.length), Home: () => show(0, trace.length),
  n: () => { if (slowest.length) choose(tasks[slowest[nextSlow++ % slowest.length]]); },
};
window.addEventListener('keydown', (event) => {
  const action = event.ctrlKey || event.metaKey || event.altKey ? null : keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
