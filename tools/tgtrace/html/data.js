// The trace, as tgtrace wrote it into the page, made quick to look things up in.
'use strict';
const trace = JSON.parse(document.getElementById('data').textContent);
const report = trace.report;
const waitNames = ['sleep', 'join', 'wait_for_condition', 'room in a full queue', 'future', 'blocking'];
const endings = ['still runs', 'value', 'exception', 'skipped'];

const tasks = trace.tasks.map(([group, id, added, started, ended, thread, how, why, within], index) =>
  ({index, group, id, added, started, ended, thread, how, why, within, depth: 0, waits: []}));
// Those of one name under the same parent are one here.
const groups = report.tree.map((of, index) => ({index, parent: of.parent ?? -1, name: of.name, children: [], report: of}));
for (const group of groups) if (group.parent >= 0) groups[group.parent].children.push(group);

const deepest = 12;
for (const task of tasks) {
  let depth = 0;
  for (let at = task.within; at >= 0 && depth < deepest; at = tasks[at].within) ++depth;
  task.depth = depth;
}
// lanes[thread][depth]: tasks that do not overlap, by their beginning.
const lanes = trace.threads.map(() => []);
for (const task of tasks) {
  if (task.started < 0 || task.thread < 0) continue;
  (lanes[task.thread][task.depth] ??= []).push(task);
}
for (const lane of lanes) for (const row of lane) row?.sort((a, b) => a.started - b.started);
for (const [what, thread, task, group, began, ended] of trace.waits) {
  if (task >= 0) tasks[task].waits.push({what, thread, group, began, ended});
}
const endOf = (item) => item.ended < 0 ? trace.length : item.ended;

const units = [[1, 'ns'], [1e3, 'µs'], [1e6, 'ms'], [1e9, 's']];
function duration(ns) {
  let unit = units[0];
  for (const one of units) if (Math.abs(ns) >= one[0] * 0.9995) unit = one;
  const value = ns / unit[0];
  const digits = unit[0] === 1 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit[1]}`;
}

// Neighbours in the tree get hues far apart.
const hue = (group) => Math.round(group * 137.508 + 210) % 360;
let palette = {};
function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  palette = {};
  for (const name of ['ink', 'soft', 'line', 'card', 'accent', 'wait', 'parked', 'lane', 'set', 'path']) {
    palette[name] = read(`--${name}`);
  }
  palette.groups = groups.map((_, i) => `hsl(${hue(i)} ${read('--saturation')} ${read('--lightness')})`);
}

const groupName = (index) => index < 0 ? 'every group' : `'${groups[index].name}'`;
const taskName = (task) => `task ${task.id} of ${groupName(task.group)}`;

function tellTask(task) {
  const lines = [taskName(task)];
  if (task.added >= 0 && task.started >= 0) lines.push(`queued ${duration(task.started - task.added)}`);
  if (task.started >= 0) lines.push(`ran ${duration(endOf(task) - task.started)}, ${endings[task.how]}`);
  for (const wait of task.waits.slice(0, 4)) {
    lines.push(`  waited ${duration(endOf(wait) - wait.began)}: ${waitNames[wait.what]}` +
               (wait.group >= 0 ? ` of ${groupName(wait.group)}` : ''));
  }
  if (task.waits.length > 4) lines.push(`  and ${task.waits.length - 4} more waits`);
  return lines.join('\n');
}
