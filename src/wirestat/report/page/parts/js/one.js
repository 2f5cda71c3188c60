/* One connection: the ladder with both lanes of states, what was known when, and the way through the diagram. */

const look = { toScale: false, until: Infinity };

function showOne(body) {
  const place = view.id === null ? (view.order.length ? view.order[0] : -1) : placeOf(view.id);
  if (place < 0) {
    replace(
      body,
      h(
        "p",
        { class: "card calm" },
        view.id === null ? "There is no connection to show." : `Connection #${view.id} is not in this page.`,
      ),
    );
    return;
  }
  const it = connection(place);
  view.id = it.id;
  look.until = Infinity;
  const moments = momentsOf(it);
  const picture = h("div", { class: "picture" }), way = h("div", { class: "way" });
  const redraw = () => {
    const known = believed(moments, look.until);
    replace(picture, ladder(it, moments, known));
    replace(way, walk(it, known));
  };
  replace(
    body,
    heading(it, place),
    h(
      "div",
      { class: "split wide-right" },
      h(
        "div",
        {},
        h("div", { class: "card" }, controls(it, moments, redraw), picture),
        judged(place),
        sightings(it),
      ),
      h("aside", { "aria-label": "About this connection" }, h("div", { class: "card" }, way), aboutEnds(it)),
    ),
  );
  redraw();
}

function heading(it, place) {
  const at = view.order.indexOf(place);
  const beside = (step, text) => {
    const other = at < 0 ? place + step : view.order[at + step];
    const there = other !== undefined && other >= 0 && other < data.connections.rows;
    return h("button", {
      type: "button",
      disabled: !there,
      on: { click: () => open(data.connections.of("id")[other]) },
    }, text);
  };
  const reason = record.names.direction_reasons[data.connections.of("direction_reason")[place]];
  const tunnel = it.value("tunnel");
  return h(
    "div",
    { class: "heading" },
    h(
      "p",
      { class: "ends" },
      h("strong", {}, `#${it.id}`),
      " ",
      h("code", { class: "client" }, it.client.socket),
      " → ",
      h("code", { class: "server" }, it.server.socket),
    ),
    h(
      "p",
      { class: "faint" },
      [
        `first segment at ${moment(it.value("first_time_ns"))}`,
        `lasted ${span(durations()[place])}`,
        `client named by ${reason}`,
        it.value("handshake_rtt_ns") !== null && `round trip ${span(it.value("handshake_rtt_ns"))}`,
        tunnel !== null && `in ${record.names.tunnels[tunnel]}`,
        it.value("previous") && `incarnation ${it.value("incarnation")}, before it #${it.value("previous")}`,
      ].filter(Boolean).join(" · "),
    ),
    h(
      "p",
      { class: "buttons" },
      beside(-1, "← previous"),
      beside(1, "next →"),
      copies("Wireshark filter", wiresharkFilter(place), "the Wireshark filter"),
    ),
  );
}

function wiresharkFilter(place) {
  const { connections } = data;
  const side = (end) => ({
    address: record.names.addresses[connections.of(`${end}_address`)[place]],
    port: connections.of(`${end}_port`)[place],
  });
  const [client, server] = ends.map(side);
  const ip = client.address.includes(":") ? "ipv6" : "ip";
  return [client, server].flatMap(({ address, port }) => [`${ip}.addr == ${address}`, `tcp.port == ${port}`])
    .join(" && ");
}

/* Everything that one frame brought, or the one thing that a timer did, in the order in which it happened. */
function momentsOf(it) {
  const lines = data.ladders.rows(it.id, [
    "frame",
    "time_ns",
    "sender",
    "flags",
    "seq",
    "ack",
    "payload",
    "window",
    "note",
  ]);
  const steps = stepsOf(it.place), timer = record.names.evidence.indexOf("timer");
  const frames = new Map(
    lines.map((
      line,
    ) => [line.frame, { frame: line.frame, time: line.time_ns, line, made: [], disproved: [] }]),
  );
  const at = (frame, time) => {
    if (!frames.has(frame)) frames.set(frame, { frame, time, line: null, made: [], disproved: [] });
    return frames.get(frame);
  };
  for (const step of steps) if (step.evidence !== timer) at(step.frame, step.time).made.push(step);
  for (const step of steps) if (!Number.isNaN(step.retracted)) at(step.retracted, NaN).disproved.push(step);
  const ordered = [...frames.values()].sort((one, other) => one.frame - other.frame);
  let last = 0;
  for (const one of ordered) {
    if (Number.isNaN(one.time)) one.time = last;
    last = one.time;
  }
  for (const step of steps) {
    if (step.evidence !== timer) continue;
    const later = ordered.findIndex((one) => one.time > step.time);
    ordered.splice(later < 0 ? ordered.length : later, 0, {
      frame: null,
      time: step.time,
      line: null,
      made: [step],
      disproved: [],
    });
  }
  return ordered;
}

/* The states as they were believed after each of the moments up to one; beyond the last, as known at the end. */
function believed(moments, until) {
  const whole = until >= moments.length - 1;
  const seen = [], rows = [];
  moments.slice(0, whole ? undefined : until + 1).forEach((one, row) => {
    for (const step of one.disproved) {
      const place = seen.findIndex((other) =>
        other.step === step ||
        (other.step.frame === step.frame && other.step.end === step.end && other.step.to === step.to)
      );
      if (place >= 0) seen.splice(place, 1);
    }
    for (const step of one.made) seen.push({ step, row });
    rows.push(ends.map((_, end) => {
      const own = seen.filter((other) => other.step.end === end);
      return own.length ? own[own.length - 1].step : null;
    }));
  });
  return { rows, walked: seen, whole };
}

function controls(it, moments, redraw) {
  const slider = h("input", {
    type: "range",
    id: "until",
    min: 0,
    max: Math.max(0, moments.length - 1),
    value: Math.max(0, moments.length - 1),
    "aria-describedby": "until-says",
  });
  const says = h("output", { id: "until-says", for: "until" }, "as known at the end of the capture");
  slider.addEventListener("input", () => {
    look.until = Number(slider.value) >= moments.length - 1 ? Infinity : Number(slider.value);
    const at = moments[slider.value];
    says.textContent = look.until === Infinity
      ? "as known at the end of the capture"
      : `as known at ${offset(at.time)} s${at.frame === null ? "" : `, after frame ${count(at.frame)}`}`;
    redraw();
  });
  const scale = h("button", {
    type: "button",
    "aria-pressed": String(look.toScale),
    on: {
      click: (event) => {
        look.toScale = !look.toScale;
        event.target.setAttribute("aria-pressed", String(look.toScale));
        redraw();
      },
    },
  }, "time to scale");
  const there = data.ladders.rows(it.id, ["frame"]).length, all = sums("frames")[it.place];
  return h(
    "div",
    { class: "controls" },
    h("label", { for: "until" }, "Known when"),
    slider,
    says,
    scale,
    there < all &&
      h(
        "p",
        { class: "faint" },
        `${
          there ? `The first ${count(there)} of ${count(all)} segments, and those` : "Only the segments"
        } that changed a state are in this page. All of them: wirestat ${
          record.head.captures.map((capture) => quoted(capture.name)).join(" ")
        } --connection ${it.id}`,
      ),
  );
}

function aboutEnds(it) {
  const rows = [
    ["state", (end) => badge(states[end.value("state")])],
    ["segments", (end) => count(end.value("frames"))],
    ["bytes", (end) => count(end.value("bytes"))],
    ["retransmitted", (end) => some(end.value("retransmitted_frames"), "segment")],
    ["not acknowledged", (end) => some(end.value("unacknowledged_bytes"), "byte")],
    ["never captured", (end) => some(end.value("unseen_bytes"), "byte")],
    ["window", (end) => (end.value("window") === null ? "" : some(end.value("window"), "byte"))],
    ["round trip from the tap", (end) => span(end.value("rtt_ns"))],
    [
      "MSS, scale, TTL",
      (end) => ["mss", "window_scale", "ttl"].map((name) => end.value(name) ?? "–").join(", "),
    ],
  ];
  const waits = record.stuck[it.client.value("state")][it.server.value("state")] || [];
  const owing = (side) => (it[side].value("unacknowledged_bytes") ? 2 : 1);
  return h(
    "div",
    { class: "card" },
    plainTable("Both ends", [{ text: "figure" }, { text: "client", number: true }, {
      text: "server",
      number: true,
    }], rows.map(([name, show]) => [name, show(it.client), show(it.server)])),
    waits.map((wait) => [wait, wait[owing(wait[0])]]).filter(([, text]) => text).map(([wait, text]) =>
      h("p", {}, filled(text, it[wait[0]]))
    ),
  );
}

/* Sentences about what an end waits for have gaps for its figures, as report/progress.py fills them. */
function filled(text, end) {
  const isn = end.value("isn") ?? null;
  const stream = end.value("bytes") - end.value("retransmitted_bytes") + end.value("unseen_bytes");
  const ack = (fin) => (isn === null ? "" : ` (ack ${1 + stream + fin})`);
  return text.replace("{bytes}", end.value("unacknowledged_bytes")).replace("{ack}", ack(0)).replace(
    "{ack of FIN}",
    ack(1),
  );
}

function judged(place) {
  const found = findingsOf(place);
  if (!found.length) return h("p", { class: "card calm" }, "No finding speaks of this connection.");
  return h(
    "div",
    { class: "card" },
    h("h3", {}, "Findings"),
    found.map((finding) =>
      h(
        "details",
        { class: "reasons" },
        h(
          "summary",
          {},
          h("span", { class: `weight ${finding.severity}` }, WEIGHT[finding.severity]),
          ` ${finding.handle} ${finding.title}`,
        ),
        h("p", {}, finding.explanation),
        h("p", {}, finding.advice),
      )
    ),
  );
}

function sightings(it) {
  const rows = data.facts.rows(it.id, ["fact", "endpoint", "frame", "time_ns", "figure"]);
  if (!rows.length) return null;
  const about = (
    row,
  ) => [
    record.names.facts[row.fact],
    row.endpoint === 255 ? "" : ends[row.endpoint],
    count(row.frame),
    `${offset(row.time_ns)} s`,
  ];
  return h(
    "div",
    { class: "card" },
    plainTable(
      "What was observed",
      [{ text: "fact" }, { text: "of" }, { text: "frame", number: true }, { text: "time", number: true }],
      rows.map(about),
      { title: "Each with the frame that showed it first" },
    ),
  );
}

function walk(it, { walked, whole }) {
  const steps = walked.filter(({ step }) => step.from !== step.to).map(({ step }, place) => ({
    key: `${states[step.from]} ${states[step.to]}`,
    end: step.end,
    number: place + 1,
    step,
  }));
  const below = (end) =>
    steps.filter((one) => one.end === end).some((one) =>
      !["SYN_SENT", "LISTEN", "UNKNOWN", "CLOSED"].includes(states[one.step.from])
    );
  const here = ends.map((end, number) => {
    const own = steps.filter((one) => one.end === number);
    const code = own.length
      ? own[own.length - 1].step.to
      : data.connections.of(`${end}_first_state`)[it.place];
    return { end, state: states[code], below: below(number) };
  });
  const words = steps.map((one) => `${one.number} ${ends[one.end]} ${one.key.replace(" ", " to ")}`).join(
    ", ",
  );
  return [
    h("h3", {}, "The way through RFC 9293"),
    diagram({ walked: steps, here, label: `Diagram of states; walked: ${words || "nothing"}` }),
    h(
      "ol",
      { class: "steps" },
      steps.map((one) =>
        h(
          "li",
          { class: ends[one.end] },
          h("b", {}, ends[one.end]),
          ` ${one.key.replace(" ", " → ")} `,
          h(
            "span",
            { class: "faint" },
            [
              `frame ${count(one.step.frame)}`,
              record.names.cues[one.step.cue],
              record.names.evidence[one.step.evidence],
              !Number.isNaN(one.step.confirmed) && provedBy(one.step),
              record.document.changes[one.key]
                ? record.document.changes[one.key].sections[0]
                : one.key.includes("UNKNOWN")
                ? "a gap in the capture"
                : "not documented",
            ].filter(Boolean).join(", "),
          ),
        )
      ),
    ),
    !whole && h("p", { class: "faint" }, "This is the live view: what came later is not known yet."),
  ];
}
