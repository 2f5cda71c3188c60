/* The ladder: a rung for each segment between the two ends, their states as lanes beside it. */

/* A window of fewer bytes holds no whole segment, and is worth a word. */
const SMALL = 1460;
/* Places from left to right: on a wide screen with time and notes beside the rungs, on a narrow one below them. */
const WIDE = {
  frame: 48,
  time: 136,
  clientWord: 228,
  clientLane: 234,
  left: 254,
  right: 556,
  serverLane: 564,
  serverWord: 582,
  notes: 682,
  wide: 1010,
  rung: 30,
  least: 13,
  silence: 18,
  perLine: 48,
  lines: 2,
};
const NARROW = {
  clientWord: 82,
  clientLane: 86,
  left: 104,
  right: 296,
  serverLane: 302,
  serverWord: 317,
  notes: 200,
  wide: 402,
  rung: 40,
  least: 40,
  silence: 22,
  perLine: 31,
  lines: 4,
};
let X = WIDE;
const LANE = 12, TOP = 58, LINE = 13;

function isNarrow() {
  return byId("main").clientWidth < 640;
}

function ladder(it, moments, { rows, whole }) {
  X = isNarrow() ? NARROW : WIDE;
  const shown = moments.slice(0, rows.length);
  const heights = placesOf(shown);
  const high = (heights.length ? heights[heights.length - 1] : 40) + 44 + below(shown[shown.length - 1]);
  const parts = [headOf(), line(X.left, high), line(X.right, high), lanes(it, rows, heights, high, whole)];
  shown.forEach((one, row) => parts.push(rung(one, heights[row])));
  shown.forEach((one, row) => {
    if (row) parts.push(gap(shown[row - 1], one, heights[row - 1], heights[row]));
  });
  return draw(
    "svg",
    {
      viewBox: `0 0 ${X.wide} ${high}`,
      class: X === NARROW ? "ladder narrow" : "ladder",
      role: "img",
      "aria-label": `Ladder of ${some(shown.length, "moment")}: ${
        shown.slice(0, 40).map((one) => inWords(one)).join("; ")
      }`,
    },
    arrowheads(),
    parts,
  );
}

/* By packet, a rung below the other, and more room where both were silent; to scale, by time, yet never too close. */
function placesOf(shown) {
  const places = [];
  const first = shown.length ? shown[0].time : 0,
    length = shown.length ? Math.max(1, shown[shown.length - 1].time - first) : 1;
  const room = Math.max(500, shown.length * 20);
  shown.forEach(({ time }, row) => {
    const before = row ? places[row - 1] + below(shown[row - 1]) : TOP - X.rung;
    const silent = row && time - shown[row - 1].time > SECOND;
    places.push(
      look.toScale
        ? Math.max(before + X.least, TOP + ((time - first) / length) * room)
        : before + X.rung + (silent ? X.silence : 0),
    );
  });
  return places;
}

/* The room that notes take below a rung. */
function below(one) {
  return X === WIDE || !one ? 0 : linesOf(notesOf(one)).length * LINE;
}

function headOf() {
  const word = (x, text, kind) => draw("text", { x, y: 16, class: `axis ${kind}` }, text);
  return [
    X === WIDE && word(X.frame, "frame", "end"),
    X === WIDE && word(X.time, "time", "end"),
    word(X.left, "client", "middle strong"),
    word(X.right, "server", "middle strong"),
  ];
}

function line(x, high) {
  return draw("line", { x1: x, x2: x, y1: 24, y2: high - 8, class: "post" });
}

function lanes(it, rows, heights, high, whole) {
  return ends.flatMap((end, number) => {
    const x = number ? X.serverLane : X.clientLane;
    let from = 24, state = data.connections.of(`${end}_first_state`)[it.place], presumed = false;
    const parts = [word(number, 40, state)];
    const close = (to) => {
      if (to > from) {
        parts.push(
          draw("rect", {
            x,
            y: from,
            width: LANE,
            height: to - from,
            class: presumed ? "lane presumed" : "lane",
            style: { fill: `var(--s-${states[state]})`, stroke: `var(--s-${states[state]})` },
          }, draw("title", {}, `${end}: ${states[state]}`)),
        );
      }
    };
    rows.forEach((pair, row) => {
      const step = pair[number];
      const next = step ? step.to : data.connections.of(`${end}_first_state`)[it.place];
      const doubted = step
        ? record.names.evidence[step.evidence] === "presumed" && (whole ? Number.isNaN(step.confirmed) : true)
        : false;
      if (next === state && doubted === presumed) return;
      close(heights[row]);
      if (next !== state) parts.push(word(number, heights[row] + 4, next));
      [from, state, presumed] = [heights[row], next, doubted];
    });
    close(high - 8);
    return parts;
  });
}

function word(number, y, state) {
  return draw("text", {
    x: number ? X.serverWord : X.clientWord,
    y,
    class: `label halo ${number ? "start" : "end"}`,
  }, states[state]);
}

function rung(one, y) {
  const parts = X === WIDE
    ? [
      one.frame !== null && draw("text", { x: X.frame, y: y + 4, class: "axis mono end" }, count(one.frame)),
      draw("text", { x: X.time, y: y + 4, class: "axis mono end" }, offset(one.time)),
    ]
    : [
      draw(
        "text",
        { x: X.notes, y: y + LINE, class: "axis mono middle halo" },
        `${one.frame === null ? "" : `${count(one.frame)} · `}${offset(one.time)}`,
      ),
    ];
  if (one.line) parts.push(arrow(one.line, y));
  const notes = notesOf(one);
  if (notes) parts.push(noted(notes, y));
  return draw("g", { class: "rung" }, parts);
}

/* Notes take some lines at most; the rest is told where the pointer rests. */
function linesOf(notes) {
  if (!notes) return [];
  const lines = [""];
  for (const word of notes.split(" ")) {
    if (lines[lines.length - 1].length + word.length > X.perLine) lines.push("");
    lines[lines.length - 1] += `${word} `;
  }
  const shown = lines.slice(0, X.lines).map((line) => line.trim());
  if (lines.length > X.lines) shown[X.lines - 1] += " …";
  return shown;
}

function noted(notes, y) {
  const shown = linesOf(notes);
  const top = X === WIDE ? y + 4 - (shown.length - 1) * 6 : y + 2 * LINE;
  return draw(
    "text",
    { x: X.notes, y: top, class: X === WIDE ? "note" : "note middle halo" },
    shown.map((line, row) => draw("tspan", { x: X.notes, y: top + row * LINE }, line)),
    draw("title", {}, notes),
  );
}

function arrow(line, y) {
  const toServer = line.sender === 0, note = data.ladders.notes[line.note] || "";
  const again = /retransmission|duplicate/.test(note), reset = line.flags & 4;
  const kind = reset ? "odd" : toServer ? "client" : "server";
  const [from, to] = toServer ? [X.left, X.right] : [X.right, X.left];
  const tip = to + (toServer ? -2 : 2);
  return [
    draw("line", {
      x1: from,
      x2: tip,
      y1: y,
      y2: y,
      class: `shot ${kind}${again ? " again" : ""}`,
      "marker-end": `url(#head-${kind})`,
    }, draw("title", {}, `${labelOf(line)}, window ${some(line.window, "byte")}`)),
    draw("text", { x: (X.left + X.right) / 2, y: y - 4, class: "label halo middle small" }, labelOf(line)),
  ];
}

function labelOf(line) {
  const parts = [controlBits(line.flags), `seq ${line.seq}`];
  if (line.flags & 16 && line.ack >= 0) parts.push(`ack ${line.ack}`);
  if (line.payload) parts.push(`len ${line.payload}`);
  return parts.join(" ");
}

function notesOf(one) {
  const notes = [];
  if (one.line) {
    if (data.ladders.notes[one.line.note]) notes.push(data.ladders.notes[one.line.note]);
    if (one.line.window < SMALL && !(one.line.flags & 6)) notes.push(`window ${count(one.line.window)}`);
  }
  for (const step of one.disproved) notes.push(`${ends[step.end]} not in ${states[step.to]} after all`);
  for (const number of [0, 1]) {
    const steps = one.made.filter((step) => step.end === number);
    if (!steps.length) continue;
    const words = [
      ...steps.slice(0, -1).map((step) => `through ${states[step.to]}`),
      ...evidenceOf(steps[steps.length - 1]),
    ];
    if (words.length) notes.push(`${ends[number]} ${words.join(", ")}`);
  }
  return notes.join("; ");
}

function evidenceOf(step) {
  const evidence = record.names.evidence[step.evidence];
  const words = evidence === "timer" ? [record.names.cues[step.cue]] : evidence === "seen" ? [] : [evidence];
  if (!Number.isNaN(step.confirmed) && look.until === Infinity) words.push(provedBy(step));
  if (!Number.isNaN(step.retracted) && look.until === Infinity) {
    words.push(`disproved by ${count(step.retracted)}`);
  }
  return words;
}

/* A page of many connections leaves out which frame it was. */
function provedBy({ confirmed }) {
  return confirmed < 0 ? "proved later" : `proved by ${count(confirmed)}`;
}

function gap(before, after, y1, y2) {
  const silent = after.time - before.time;
  if (silent <= SECOND || y2 - y1 < 30) return null;
  const y = X === WIDE ? (y1 + y2) / 2 - 2 : y2 - 24;
  return draw(
    "g",
    { class: "gap" },
    draw("line", { x1: X.left, x2: X.right, y1: y, y2: y }),
    draw(
      "text",
      { x: (X.left + X.right) / 2, y: y + 4, class: "label halo middle small" },
      `${span(Math.round(silent))} without a segment`,
    ),
  );
}

function inWords(one) {
  const what = one.line
    ? `${one.line.sender ? "server" : "client"} sends ${labelOf(one.line)}`
    : one.frame === null
    ? "a timer runs out"
    : `frame ${one.frame}`;
  const changes = one.made.map((step) => `${ends[step.end]} enters ${states[step.to]}`).join(", ");
  return `${offset(one.time)} ${what}${changes ? `, ${changes}` : ""}`;
}
