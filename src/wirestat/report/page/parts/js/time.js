/* States over time: how many ends are in which state, stacked, for the client ends and the server ends. */

const QUIET = new Set(["CLOSED", "LISTEN"]);
const hidden = new Set(["CLOSED", "LISTEN", "UNKNOWN"]);
const LANES = 8;
let byListener = false;
/* Pixels: of the room beside a chart for its numbers, and of a chart, which is as wide as the screen allows. */
const MARGIN = 52;
let chartWide = 960;

function showTime(body) {
  chartWide = Math.max(300, Math.min(1440, byId("main").clientWidth - 88));
  const lanes = byListener ? busiest() : null;
  const groups = lanes || { names: ["clients", "servers"], of: null };
  const counted = countStates(view.from, view.to, groups);
  const chart = (name, place) =>
    h(
      "figure",
      { class: "chart" },
      h(
        "figcaption",
        {},
        groups.of
          ? `${name}: states of the server's ends`
          : name === "clients"
          ? "Client ends"
          : "Server ends",
      ),
      brushable(chartOf(counted, place, name), counted),
    );
  replace(
    body,
    h(
      "div",
      { class: "bar" },
      stateKeys(counted, body),
      h("span", { class: "push" }),
      h(
        "label",
        { class: "switch" },
        h("input", {
          type: "checkbox",
          checked: byListener,
          on: {
            change: (event) => {
              byListener = event.target.checked;
              refresh(true);
            },
          },
        }),
        "one lane a listener",
      ),
      h("button", {
        type: "button",
        disabled: view.from === 0 && view.to === (spanOfAll || 1),
        on: { click: () => zoom(0, spanOfAll || 1) },
      }, "Whole capture"),
    ),
    h("div", { class: "charts card" }, groups.names.map(chart), marks()),
    h(
      "p",
      { class: "faint hint" },
      "Drag over a chart to look closer. With a chart in focus, + and − zoom, the arrows move, 0 shows all.",
    ),
    h("div", { class: "card" }, peaksTable(counted, groups)),
  );
}

/* The listeners with most connections, and for each connection which of them it went to. */
function busiest() {
  const { connections } = data;
  const listeners = record.head.summary.listeners.slice(0, LANES);
  const lane = new Map(listeners.map((one, place) => [`${one.address} ${one.port}`, place]));
  const codes = connections.of("server_address"), ports = connections.of("server_port");
  const of = once("busiest", () => new Int8Array(connections.rows));
  for (let place = 0; place < connections.rows; place++) {
    of[place] = lane.get(`${record.names.addresses[codes[place]]} ${ports[place]}`) ?? -1;
  }
  return { names: listeners.map((one) => socket(one.address, one.port)), of };
}

const BINS = 480;

/* Every change of the chosen connections in the order of time, a list for each lane. An event is one number, so that
   they are sorted as numbers: the time, and behind it the state and whether it is entered. */
const known = { chosen: undefined, of: undefined, lists: null };
const CODES = 32;

function eventsOf(groups) {
  if (known.lists && known.chosen === view.chosen && known.of === groups.of) return known.lists;
  const { transitions, connections } = data;
  const times = transitions.of("time_ns"),
    whose = transitions.of("endpoint"),
    next = transitions.of("to"),
    struck = transitions.of("retracted_by");
  const begun = connections.of("first_time_ns"),
    firsts = ends.map((end) => connections.of(`${end}_first_state`));
  const unit = spanOfAll * CODES < Number.MAX_SAFE_INTEGER ? 1 : 1000;
  const room = 2 * transitions.rows + connections.rows;
  const lists = groups.names.map(() => ({ events: new Float64Array(groups.of ? 0 : room), number: 0 }));
  const add = (list, time, state, entered) => {
    if (list.number === list.events.length) {
      const more = new Float64Array(list.number * 2 + 64);
      more.set(list.events);
      list.events = more;
    }
    list.events[list.number++] = Math.floor(time / unit) * CODES + state * 2 + entered;
  };
  for (let place = 0; place < connections.rows; place++) {
    if (view.chosen && !view.chosen[place]) continue;
    const own = groups.of ? groups.of[place] : 0;
    if (own < 0) continue;
    const now = [firsts[0][place], firsts[1][place]];
    const list = groups.of ? [null, lists[own]] : lists;
    for (const end of [0, 1]) if (list[end]) add(list[end], begun[place], now[end], 1);
    for (let row = transitions.offsets[place]; row < transitions.offsets[place + 1]; row++) {
      const end = whose[row];
      if (struck[row] === struck[row] || !list[end]) continue;
      add(list[end], times[row], now[end], 0);
      now[end] = next[row];
      add(list[end], times[row], now[end], 1);
    }
  }
  Object.assign(known, {
    chosen: view.chosen,
    of: groups.of,
    lists: lists.map(({ events, number }) => ({ unit, events: events.subarray(0, number).sort() })),
  });
  return known.lists;
}

/* Count ends by state at the end of each of many equal parts of the time, and the most there were at any time. */
function countStates(from, to, groups) {
  const lists = eventsOf(groups), lanes = lists.length, kinds = states.length;
  const counts = new Int32Array(lanes * BINS * kinds), peaks = [];
  lists.forEach(({ events, unit }, lane) => {
    const now = new Int32Array(kinds), most = new Int32Array(kinds), at = new Float64Array(kinds).fill(from);
    let bin = 0;
    const fillTo = (last) => {
      for (; bin < last; bin++) counts.set(now, (lane * BINS + bin) * kinds);
    };
    for (const event of events) {
      const code = event % CODES, state = code >> 1, time = ((event - code) / CODES) * unit;
      if (time > to) break;
      if (time >= from) fillTo(Math.min(BINS - 1, Math.floor(((time - from) / (to - from)) * BINS)));
      now[state] += code & 1 ? 1 : -1;
      if (now[state] > most[state]) {
        most[state] = now[state];
        at[state] = Math.max(time, from);
      } else if (time < from) most[state] = now[state];
    }
    fillTo(BINS);
    most.forEach((number, state) => {
      if (number > 0) peaks.push({ lane, state, most: number, at: at[state] });
    });
  });
  return { counts, lanes, kinds, from, to, peaks };
}

function present(counted) {
  const found = new Set(counted.peaks.map((peak) => peak.state));
  return states.map((_, code) => code).filter((code) => found.has(code));
}

function stateKeys(counted, body) {
  return h(
    "div",
    { class: "legend", role: "group", "aria-label": "States shown" },
    present(counted).map((code) => {
      const name = states[code];
      const key = h(
        "button",
        {
          type: "button",
          class: "key",
          "aria-pressed": String(!hidden.has(name)),
          on: {
            click: () => {
              if (hidden.has(name)) hidden.delete(name);
              else hidden.add(name);
              refresh(true);
              const again = body.querySelector(`[data-state=${name}]`);
              if (again) again.focus();
            },
          },
          "data-state": name,
        },
        h("i", { style: { background: `var(--s-${name})` }, "aria-hidden": "true" }),
        name,
      );
      return key;
    }),
  );
}

function chartOf(counted, lane, name) {
  const { counts, kinds } = counted;
  const shownStates = present(counted).filter((code) => !hidden.has(states[code]));
  const wide = chartWide, high = counted.lanes > 2 ? 90 : 190, left = MARGIN;
  const sum = (bin) =>
    shownStates.reduce((total, code) => total + Math.max(0, counts[(lane * BINS + bin) * kinds + code]), 0);
  let top = 1;
  for (let bin = 0; bin < BINS; bin++) top = Math.max(top, sum(bin));
  const x = (bin) => (left + (bin / BINS) * (wide - left)).toFixed(1),
    y = (number) => (high - (number / top) * (high - 10)).toFixed(1);
  const floor = new Float64Array(BINS);
  const areas = shownStates.map((code) => {
    const upper = [], lower = [];
    for (let bin = 0; bin < BINS; bin++) {
      lower.push(`${x(bin)} ${y(floor[bin])}`, `${x(bin + 1)} ${y(floor[bin])}`);
      floor[bin] += Math.max(0, counts[(lane * BINS + bin) * kinds + code]);
      upper.push(`${x(bin)} ${y(floor[bin])}`, `${x(bin + 1)} ${y(floor[bin])}`);
    }
    return draw("path", {
      d: `M${upper.join("L")}L${lower.reverse().join("L")}Z`,
      style: { fill: `var(--s-${states[code]})` },
    }, draw("title", {}, states[code]));
  });
  const lines = ticks(top).map((
    number,
  ) => [
    draw("line", { x1: left, x2: wide, y1: y(number), y2: y(number), class: "grid" }),
    draw("text", { x: left - 8, y: Number(y(number)) + 4, class: "axis end" }, count(number)),
  ]);
  const words = counted.peaks.filter((peak) => peak.lane === lane && !QUIET.has(states[peak.state])).map((
    peak,
  ) => `${states[peak.state]} at most ${count(peak.most)}`).join(", ");
  return draw(
    "svg",
    { viewBox: `0 0 ${wide} ${high + 22}`, role: "img", "aria-label": `${name}: ${words || "nothing"}` },
    lines,
    areas,
    timeAxis(left, wide, high),
    peakLabels(counted, lane, { x, left, wide, top, high }),
  );
}

/* Name the greatest peak of each state that is no routine, where it lies. */
function peakLabels(counted, lane, { left, wide, high }) {
  const named = counted.peaks.filter((peak) =>
    peak.lane === lane && !hidden.has(states[peak.state]) && states[peak.state] !== "ESTABLISHED"
  ).sort((one, other) => other.most - one.most).slice(0, 2);
  return named.map((peak, row) => {
    const at = left + ((peak.at - counted.from) / (counted.to - counted.from)) * (wide - left);
    const anchor = at > wide - 200 ? "end" : "start";
    return draw(
      "g",
      { class: "peak" },
      draw("line", { x1: at, x2: at, y1: 4 + row * 14, y2: high }),
      draw(
        "text",
        { x: at + (anchor === "end" ? -5 : 5), y: 13 + row * 14, class: `label ${anchor}` },
        `${states[peak.state]} ${count(peak.most)}`,
      ),
    );
  });
}

function ticks(top) {
  const step = [1, 2, 5].flatMap((digit) => Array.from({ length: 10 }, (_, power) => digit * 10 ** power))
    .sort((one, other) => one - other).find((one) => top / one <= 4);
  const found = [];
  for (let number = 0; number <= top; number += step) found.push(number);
  return found;
}

/* From one name on the axis of time to the next. */
const ROUND = [
  ...Array.from({ length: 11 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat(),
  ...[1, 2, 5, 10, 15, 30].map((some) => some * MINUTE),
  ...[1, 2, 3, 6, 12].map((some) => some * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((some) => some * DAY),
];

/* Name round instants, and no more of them than there is room for. */
function timeAxis(left, wide, high) {
  const length = view.to - view.from || 1, most = wide < 600 ? 3 : 8;
  const step = ROUND.find((one) => length / one <= most) || length;
  const labels = [];
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    const at = left + ((time - view.from) / length) * (wide - left);
    const anchor = at < left + 40 ? "start" : at > wide - 40 ? "end" : "middle";
    labels.push(draw("text", { x: at, y: high + 16, class: `axis ${anchor}` }, time ? briefly(time) : clock(0)));
  }
  return labels;
}

function brushable(chart) {
  const frame = h("div", {
    class: "brush",
    tabindex: "0",
    role: "group",
    "aria-label": "Chart of states over time: plus and minus zoom, the arrows move",
  }, chart);
  const band = h("div", { class: "band", hidden: true });
  frame.append(band);
  const part = (event) => {
    const box = chart.getBoundingClientRect(), left = (MARGIN / chartWide) * box.width;
    return Math.max(0, Math.min(1, (event.clientX - box.left - left) / (box.width - left)));
  };
  let begin = null;
  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    begin = part(event);
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (begin === null) return;
    const [low, high] = [begin, part(event)].sort((one, other) => one - other);
    const share = (value) => ((MARGIN + value * (chartWide - MARGIN)) / chartWide) * 100;
    band.hidden = false;
    band.style.setProperty("left", `${share(low)}%`);
    band.style.setProperty("width", `${share(high) - share(low)}%`);
  });
  frame.addEventListener("pointerup", (event) => {
    const [low, high] = [begin, part(event)].sort((one, other) => one - other);
    begin = null;
    band.hidden = true;
    const length = view.to - view.from;
    if (high - low > 0.005) zoom(view.from + low * length, view.from + high * length);
  });
  frame.addEventListener("keydown", (event) => {
    const length = view.to - view.from,
      move = { ArrowLeft: -0.2, ArrowRight: 0.2 }[event.key],
      grow = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
    if (move) zoom(view.from + move * length, view.to + move * length);
    else if (grow) {
      zoom((view.from + view.to) / 2 - (length * grow) / 2, (view.from + view.to) / 2 + (length * grow) / 2);
    } else if (event.key === "0") zoom(0, spanOfAll || 1);
    else return;
    event.preventDefault();
    const charts = [...document.querySelectorAll("#pane-time .brush")];
    if (charts.length) charts[0].focus();
  });
  return frame;
}

function zoom(from, to) {
  const whole = spanOfAll || 1, length = Math.max(1000, Math.min(whole, to - from));
  view.from = Math.max(0, Math.min(whole - length, from));
  view.to = view.from + length;
  remember();
  refresh();
}

/* Findings at the instant of their first evidence. */
function marks() {
  const dated = record.findings.filter((finding) => finding.since_ns !== null && finding.severity !== "info");
  const within = dated.map((finding) => ({ finding, at: since(finding.since_ns) })).filter(({ at }) =>
    at >= view.from && at <= view.to
  );
  if (!within.length) return null;
  return h(
    "div",
    { class: "marks", role: "group", "aria-label": "Findings, where they begin" },
    within.slice(0, 60).map(({ finding, at }) =>
      h("a", {
        href: `#wrong`,
        class: `mark ${finding.severity}`,
        title: `${finding.handle} ${finding.title} at ${offset(at)}`,
        "aria-label": `${finding.handle} ${finding.title} at ${offset(at)} s`,
        style: {
          left: `${
            ((MARGIN + ((at - view.from) / (view.to - view.from)) * (chartWide - MARGIN)) / chartWide) * 100
          }%`,
        },
        on: {
          click: () => setTimeout(() => byId(`card-${finding.handle}`)?.scrollIntoView({ block: "center" })),
        },
      }, finding.handle)
    ),
  );
}

function peaksTable(counted, groups) {
  const rows = counted.peaks.filter((peak) => !QUIET.has(states[peak.state])).sort((one, other) =>
    one.lane - other.lane || other.most - one.most
  ).map((
    peak,
  ) => [
    badge(states[peak.state]),
    groups.names[peak.lane],
    count(peak.most),
    `${offset(peak.at)} s`,
    clock(peak.at),
  ]);
  return plainTable("The most ends that were in a state at one time", [
    { text: "state" },
    { text: groups.of ? "listener" : "ends" },
    { text: "at most", number: true },
    { text: "first at", number: true },
    { text: "UTC", number: true },
  ], rows);
}
