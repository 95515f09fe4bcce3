// What stands around the timeline: figures, warnings, the tree, histograms, reasons.
const make = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};
const byId = (id) => document.getElementById(id);

function head() {
  document.title = `${report.program}: threadgroup trace`;
  byId('title').textContent = report.program;
  byId('subtitle').textContent = `pid ${report.pid} · ${duration(report.length_ns)} · ${report.records} records of ` +
    `${report.threads} threads · ${report.workers ?? 'unknown'} workers` +
    (report.frozen ? ` · frozen because ${report.frozen.why}, ${duration(report.frozen.took_ns)}` : '') +
    report.pauses.map(([from, to]) => ` · off from ${duration(from)} to ${duration(to)}`).slice(0, 3).join('') +
    (trace.left_out ? ` · the ${trace.left_out} oldest tasks are left out of this page` : '');
}

function lostText() {
  const lost = report.lost;
  const parts = [];
  if (lost.overwritten) parts.push(`${lost.overwritten} overwritten, whole from ${duration(lost.whole_from_ns)} on`);
  if (lost.struck_by_signals) parts.push(`${lost.struck_by_signals} struck by signals`);
  if (lost.without_ring) parts.push(`${lost.without_ring} without a ring`);
  if (lost.file_is_cut) parts.push('the file is cut');
  if (lost.damaged) parts.push(`${lost.damaged} damaged`);
  if (lost.groups_without_entry) parts.push(`${lost.groups_without_entry} groups without an entry`);
  return parts.join('; ');
}

function tiles() {
  const whole = report.whole;
  const p99 = (of) => of.samples ? duration(of.p99) : '–';
  const lost = lostText();
  const list = [
    [whole.tasks.run.toLocaleString('en'), `tasks run, ${whole.tasks.failed} failed`],
    [whole.tasks.skipped.toLocaleString('en'), 'skipped'],
    [p99(whole.queue_ns), 'queued, p99'], [p99(whole.run_ns), 'ran, p99'],
    [p99(whole.wake_ns), 'event set to heard, p99'], [lost ? 'some' : 'nothing', lost ? `lost: ${lost}` : 'lost'],
  ];
  for (const [value, what] of list) {
    const tile = make('div', 'tile');
    tile.append(make('b', '', value), make('span', '', what));
    byId('tiles').append(tile);
  }
}

const shownOfAKind = 3;
function warnings() {
  const count = {};
  const further = [];
  for (const one of report.remarks) byId('warnings').append(make('p', '', `The file: ${one}`));
  for (const one of report.warnings) {
    count[one.kind] = (count[one.kind] ?? 0) + 1;
    const line = make('p', '', one.text);
    if (count[one.kind] <= shownOfAKind) byId('warnings').append(line); else further.push(line);
  }
  if (!further.length) return;
  const box = make('details');
  box.append(make('summary', '', `and ${further.length} more of these kinds`), ...further);
  byId('warnings').append(box);
}

const noLimit = 2 ** 20 - 1;
const limitText = (limit) => limit === null ? '?' : limit >= noLimit ? 'none' : `${limit}`;

function tree() {
  const into = byId('tree');
  into.replaceChildren();
  const row = (group, depth) => {
    const line = make('div', group.index === chosenGroup ? 'group chosen' : 'group');
    const name = make('span', 'name');
    name.style.paddingLeft = `${Math.min(depth, 12) * 14}px`;
    const swatch = make('i');
    swatch.style.background = palette.groups[group.index];
    const of = group.report;
    name.append(swatch, (group.name || '(no name)') + (of.groups > 1 ? ` × ${of.groups}` : ''));
    const limit = limitText(of.least_limit) + (of.least_limit === of.largest_limit ? '' : ` to ${limitText(of.largest_limit)}`);
    line.append(name, make('small', '', `${of.tasks.run} run${of.tasks.skipped ? `, ${of.tasks.skipped} skipped` : ''}`),
                make('small', '', `limit ${limit}, ${(of.limit_reached_share * 100).toFixed(0)} % full`));
    line.addEventListener('click', () => chooseGroup(group.index === chosenGroup ? -1 : group.index));
    into.append(line);
  };
  const todo = groups.filter((group) => group.parent < 0).map((group) => [group, 0]).reverse();
  for (let shown = 0; todo.length && shown < 2000; ++shown) {
    const [group, depth] = todo.pop();
    row(group, depth);
    for (const child of [...group.children].reverse()) todo.push([child, depth + 1]);
  }
  if (todo.length) into.append(make('small', '', 'and more'));
}

// On a logarithmic scale, four bars to the decade.
function histogram(title, figures, mayLack, values) {
  const box = make('div', 'histogram');
  const mark = mayLack ? '~' : '';
  box.append(make('div', '', title));
  if (!values.length) { box.append(make('small', '', 'no samples')); return box; }
  const bins = new Map();
  const bin = (ns) => Math.floor(Math.log10(Math.max(ns, 1)) * 4);
  for (const value of values) bins.set(bin(value), (bins.get(bin(value)) ?? 0) + 1);
  const low = Math.min(...bins.keys()), high = Math.max(...bins.keys()), count = Math.max(high - low + 1, 12);
  const most = Math.max(...bins.values());
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${count * 10} 60`);
  svg.setAttribute('preserveAspectRatio', 'none');
  for (const [b, n] of bins) {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const height = Math.max(n / most * 58, 1);
    for (const [key, value] of Object.entries({x: (b - low) * 10 + 0.5, y: 60 - height, width: 9, height})) bar.setAttribute(key, value);
    svg.append(bar);
  }
  box.append(svg, make('div', 'figures', `${duration(10 ** (low / 4))} to ${duration(10 ** ((high + 1) / 4))} · ` +
    `${mark}${figures.samples} samples · p50 ${duration(figures.p50)} · p90 ${duration(figures.p90)} · ` +
    `p99 ${duration(figures.p99)} · p99.9 ${duration(figures['p99.9'])} · max ${duration(figures.max)}`));
  return box;
}

function histograms() {
  const of = chosenGroup < 0 ? report.whole : groups[chosenGroup].report;
  byId('scope').textContent = chosenGroup < 0 ? 'in all groups' : `in ${groupName(chosenGroup)}`;
  const mine = tasks.filter((task) => (chosenGroup < 0 || task.group === chosenGroup) && task.started >= 0);
  const sum = (waits) => waits.reduce((total, wait) => total + endOf(wait) - wait.began, 0);
  const heards = trace.heards.filter(([, , , from, group]) => from >= 0 && (chosenGroup < 0 || group === chosenGroup));
  byId('histograms').replaceChildren(
    histogram('Queued: added to started', of.queue_ns, of.may_lack_records, mine.filter((t) => t.added >= 0).map((t) => t.started - t.added)),
    histogram('Ran: started to ended', of.run_ns, of.may_lack_records, mine.filter((t) => t.ended >= 0).map((t) => t.ended - t.started)),
    histogram('Waited in a task', of.blocked_ns, of.may_lack_records, mine.filter((t) => t.waits.length).map((t) => sum(t.waits))),
    histogram('Event set to heard', of.wake_ns, of.may_lack_records, heards.map(([, , at, from]) => at - from)));
}

function late() {
  report.slowest.forEach((one, i) => {
    const box = make('div', 'late');
    const bar = make('div', 'bar');
    one.why_late.forEach((part, k) => {
      const piece = make('i');
      piece.style.cssText = `width:${100 * part.ns / Math.max(one.total_ns, 1)}%;background:var(--accent);opacity:${1 / (k + 1)}`;
      bar.append(piece);
    });
    box.append(make('div', '', `${duration(one.total_ns)} · task ${one.task} of '${one.group}'`), bar,
               make('small', '', one.why_late.map((part) => `${part.what} ${duration(part.ns)}`).join(', ')));
    if (trace.slowest[i] >= 0) box.addEventListener('click', () => choose(tasks[trace.slowest[i]]));
    byId('late').append(box);
  });
}

function chooseGroup(index) {
  chosenGroup = index;
  tree();
  histograms();
  draw();
}

function setTheme(dark) {
  document.documentElement.classList.toggle('dark', dark);
  readPalette();
  tree();
  draw();
}

byId('theme').addEventListener('click', () => setTheme(!document.documentElement.classList.contains('dark')));
head();
tiles();
warnings();
late();
setTheme(location.hash === '#dark' || matchMedia('(prefers-color-scheme: dark)').matches);
histograms();
window.addEventListener('resize', draw);
