/* Between the points: clocks, what was lost where, and a connection with a lane for each point. */

function showCompare(body) {
  const { points, path, stages, presence } = record.head.comparison;
  const name = (point) => points[point].name;
  const first = record.journeys.troubled[0] ?? Object.keys(record.journeys.crossings)[0];
  const picture = h("div", {});
  const pick = (id) => replace(picture, journey(record.journeys.crossings[id], id, points));
  replace(
    body,
    h(
      "p",
      { class: "card path" },
      path.map((
        point,
        place,
      ) => [
        place ? h("span", { class: "arrow", "aria-hidden": "true" }, " ⟶ ") : null,
        h("strong", {}, name(point)),
      ]),
    ),
    h(
      "div",
      { class: "card" },
      plainTable(
        "Points",
        [
          { text: "point" },
          { text: "frames", number: true },
          { text: "segments", number: true },
          { text: "not compared", number: true },
          { text: "clock ahead", number: true },
          { text: "give or take", number: true },
          { text: "drift", number: true },
        ],
        points.map((
          one,
        ) => [
          one.name,
          count(one.frames),
          count(one.segments),
          count(one.beyond),
          one.clock ? span(one.clock.offset_ns) : "–",
          one.clock && one.clock.uncertainty_ns !== null ? span(one.clock.uncertainty_ns) : "–",
          one.clock
            ? `${three(one.clock.drift * 1e6)} µs a second${one.clock.stepped ? ", stepped" : ""}`
            : "–",
        ]),
      ),
    ),
    h("div", { class: "card" }, stagesTable(stages, name)),
    h(
      "div",
      { class: "card" },
      plainTable("Connections by where they were captured", [{ text: "captured at" }, {
        text: "connections",
        number: true,
      }], presence.map((one) => [one.points.map(name).join(", "), count(one.connections)])),
    ),
    h(
      "div",
      { class: "card" },
      h("h3", {}, "One connection between the points"),
      picker(pick, first),
      picture,
    ),
  );
  if (first !== undefined) pick(String(first));
}

const FATES = ["arrived", "lost", "injected", "duplicated", "missed", "outside", "captured twice"];

function stagesTable(stages, name) {
  const sum = (kinds) => Object.values(kinds || {}).reduce((total, number) => total + number, 0);
  const by = (kinds) =>
    Object.entries(kinds || {}).filter(([, number]) => number).map(([kind, number]) =>
      `${kind} ${count(number)}`
    ).join(", ");
  const shownFates = FATES.filter((fate) =>
    fate === "arrived" || fate === "lost" || stages.some((stage) => sum(stage.fates[fate]))
  );
  const heads = [
    { text: "stage" },
    { text: "entered", number: true },
    ...shownFates.map((fate) => ({ text: fate, number: true })),
    { text: "overtaken", number: true },
    { text: "held up", number: true },
    { text: "median delay", number: true },
    { text: "99 %", number: true },
    { text: "changed" },
  ];
  return plainTable(
    "What happened between two points, in the direction of travel",
    heads,
    stages.map((stage) => [
      `${name(stage.before)} → ${name(stage.behind)}`,
      count(sum(stage.entered)),
      ...shownFates.map((fate) =>
        h("span", {
          title: by(stage.fates[fate]),
          class: fate === "lost" && sum(stage.fates[fate]) ? "bad" : null,
        }, sum(stage.fates[fate]) ? count(sum(stage.fates[fate])) : "·")
      ),
      count(stage.reordered),
      count(stage.delayed),
      span(stage.delays.median),
      span(stage.delays.p99),
      stage.changes.map((one) => `${one.change.field} ${count(one.count)}×`).join(", ") || "–",
    ]),
  );
}

function picker(pick, first) {
  const ids = Object.keys(record.journeys.crossings), troubled = new Set(record.journeys.troubled.map(String));
  const text = (id) => {
    const place = placeOf(Number(id));
    return `#${id}${place < 0 ? "" : ` ${socketOf("client", place)} → ${socketOf("server", place)}`}${
      troubled.has(id) ? " · something happened" : ""
    }`;
  };
  return h(
    "p",
    {},
    h(
      "label",
      {},
      "Connection ",
      h(
        "select",
        { on: { change: (event) => pick(event.target.value) } },
        ids.map((id) => h("option", { value: id, selected: id === String(first) }, text(id))),
      ),
    ),
    record.journeys.total > record.journeys.troubled.length &&
      h(
        "span",
        { class: "faint" },
        ` Something happened to ${
          count(record.journeys.total)
        }; the first ${record.journeys.troubled.length} are here.`,
      ),
  );
}

/* A name as long as there is room between two posts. */
function named(name) {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

/* A post for each point, a rung for each segment: whole where it passed, with a cross where it was lost. */
function journey(crossing, id, points) {
  const { path, passages, beyond } = crossing;
  const narrow = isNarrow();
  const [left, right, wide, rise] = narrow ? [40, 360, 400, 40] : [130, 760, 1080, 24];
  const step = (right - left) / Math.max(1, path.length - 1);
  const x = new Map(path.map((point, place) => [point, left + place * step]));
  const high = 50 + passages.length * rise + 16;
  const posts = path.map((
    point,
  ) => [
    draw("line", { x1: x.get(point), x2: x.get(point), y1: 30, y2: high - 6, class: "post" }),
    draw("text", { x: x.get(point), y: 18, class: "axis middle strong" }, named(points[point].name)),
  ]);
  const rungs = passages.map((passage, row) => passageOf(passage, { y: 50 + row * rise, x, path, narrow }));
  return [
    h(
      "div",
      { class: "picture" },
      draw(
        "svg",
        {
          viewBox: `0 0 ${wide} ${high}`,
          class: narrow ? "ladder narrow" : "ladder",
          role: "img",
          "aria-label": `Connection ${id} between ${path.map((point) => points[point].name).join(", ")}: ${
            passages.slice(0, 40).map((one) => `${one.sender}'s ${one.kind} ${one.fate}`).join("; ")
          }`,
        },
        arrowheads(),
        posts,
        rungs,
      ),
    ),
    beyond > 0 && h("p", { class: "faint" }, `${some(beyond, "more segment")} left out.`),
  ];
}

function passageOf(passage, { y, x, path, narrow }) {
  const toServer = passage.sender === "client", kind = passage.sender;
  const order = toServer ? path : [...path].reverse();
  const seen = order.filter((point) => passage.sights.some((sight) => sight.point === point));
  const at = offset(since(Math.min(...passage.sights.map((sight) => sight.time_ns))));
  const parts = narrow ? [] : [draw("text", { x: 96, y: y + 4, class: "axis mono end" }, at)];
  const from = x.get(seen[0]), last = x.get(seen[seen.length - 1]);
  const lost = passage.fate === "lost",
    missed = passage.fate === "missed",
    end = lost ? (x.get(passage.before) + x.get(passage.behind)) / 2 : last;
  if (end !== from) {
    parts.push(
      draw("line", {
        x1: from,
        x2: end + (lost ? 0 : toServer ? -2 : 2),
        y1: y,
        y2: y,
        class: `shot ${kind}${missed ? " again" : ""}`,
        "marker-end": lost ? null : `url(#head-${kind})`,
      }),
    );
  }
  if (lost) parts.push(draw("path", { d: `M${end - 6} ${y - 6}l12 12m0 -12l-12 12`, class: "cross" }));
  for (const sight of passage.sights) {
    parts.push(
      draw(
        "circle",
        { cx: x.get(sight.point), cy: y, r: 3, class: `dot ${kind}` },
        draw("title", {}, `frame ${sight.frame}`),
      ),
    );
  }
  const delays = passage.legs.map((leg) =>
    `${span(leg.delay_ns)}${leg.reordered ? ", overtaken" : ""}${leg.delayed ? ", held up" : ""}${
      leg.changes.filter((change) => change.field !== "ttl").map((change) =>
        `, ${change.field} ${change.before ?? "none"} → ${change.behind ?? "none"}`
      ).join("")
    }`
  );
  const numbers = `${controlBits(passage.flags)} seq ${passage.seq}${
    passage.ack === null ? "" : ` ack ${passage.ack}`
  }${passage.payload ? ` len ${passage.payload}` : ""}`;
  parts.push(
    draw("text", {
      x: (Math.min(from, end) + Math.max(from, end)) / 2 || from,
      y: y - 4,
      class: "label halo middle small",
    }, numbers),
  );
  const said = [narrow && at, passage.fate === "arrived" ? "" : passage.fate, ...delays].filter(Boolean).join("; ");
  const place = narrow ? { x: 200, y: y + LINE } : { x: 790, y: y + 4 };
  parts.push(
    draw("text", { ...place, class: `note${narrow ? " middle halo" : ""}${lost ? " bad" : ""}` }, said),
  );
  return draw("g", { class: "rung" }, parts);
}
