/* The capture itself: what was read, what was lost, where the tap stands; and the RFC beside what was seen. */

function showCapture(body) {
  const { captures, summary } = record.head;
  replace(
    body,
    h(
      "div",
      { class: "card" },
      h("h3", {}, "What was read"),
      h("ul", { class: "lines" }, record.captures.map((line) => h("li", {}, line.trim()))),
      fitness(),
    ),
    h(
      "div",
      { class: "card" },
      plainTable(
        "Files",
        [
          { text: "file" },
          { text: "format" },
          { text: "size", number: true },
          { text: "frames", number: true },
          { text: "from", number: true },
          { text: "span", number: true },
          {
            text: "cut short",
            number: true,
            title: "Frames of which less was captured than was on the wire",
          },
          { text: "clock steps back", number: true },
          { text: "what is wrong" },
        ],
        captures.map((
          one,
        ) => [
          one.name,
          one.format + (one.compression ? `, ${one.compression}` : ""),
          one.size === null ? "" : size(one.size),
          count(one.frames),
          one.first_time_ns === null ? "" : moment(since(one.first_time_ns)),
          one.first_time_ns === null ? "" : span(one.last_time_ns - one.first_time_ns),
          count(one.snapped_frames),
          count(one.backward_steps),
          [one.error, ...one.defects, ...one.comments].filter(Boolean).join("; ") || "–",
        ]),
      ),
    ),
    h(
      "div",
      { class: "card" },
      plainTable(
        "Interfaces",
        [
          { text: "interface" },
          { text: "of" },
          { text: "link type" },
          { text: "snap length", number: true },
          { text: "frames", number: true },
          { text: "received", number: true },
          { text: "dropped", number: true },
        ],
        captures.flatMap((one) =>
          one.interfaces.map((
            card,
          ) => [
            card.name || "–",
            one.name,
            card.link_name + (card.decoded ? "" : ", not decoded"),
            card.snaplen === null ? "whole" : count(card.snaplen),
            count(card.frames),
            card.received === null ? "not told" : count(card.received),
            card.dropped === null ? "not told" : count(card.dropped),
          ])
        ),
      ),
    ),
    h(
      "div",
      { class: "card" },
      plainTable("Frames", [{ text: "what" }, { text: "frames", number: true }], frameRows(summary)),
    ),
    summary.undecoded.length > 0 &&
      h(
        "div",
        { class: "card" },
        plainTable(
          "Not understood",
          [{ text: "layer" }, { text: "why" }, { text: "frames", number: true }, {
            text: "first",
            number: true,
          }],
          summary.undecoded.map((one) => [
            one.layer,
            one.reason +
            (one.need
              ? `: ${some(one.need, "byte")} needed at offset ${one.offset}, ${one.have} remain`
              : ""),
            count(one.frames),
            count(one.first_frame),
          ]),
        ),
      ),
    h("div", { class: "card" }, besideTheDocument()),
    record.udp.length > 0 &&
      h(
        "div",
        { class: "card" },
        plainTable(
          "UDP conversations",
          [{ text: "one end" }, { text: "other end" }, { text: "frames to and fro", number: true }, {
            text: "bytes to and fro",
            number: true,
          }, { text: "begins", number: true }],
          record.udp.slice(0, MOST_ROWS).map((
            one,
          ) => [
            socket(one.address_a, one.port_a),
            socket(one.address_b, one.port_b),
            `${count(one.frames_a)} / ${count(one.frames_b)}`,
            `${size(one.bytes_a)} / ${size(one.bytes_b)}`,
            `${offset(since(one.first_time_ns))} s`,
          ]),
        ),
      ),
    h(
      "p",
      { class: "faint" },
      `Timers: ${record.head.timers}. wirestat ${record.head.wirestat}.${
        record.head.filter ? ` Only frames that pass the filter: ${record.head.filter}.` : ""
      }${record.head.where ? ` Only connections of which this holds: ${record.head.where}.` : ""}`,
    ),
  );
}

function frameRows(summary) {
  const rows = [
    ["all", summary.frames],
    ["TCP segments", summary.tcp_segments],
    ["UDP datagrams", summary.udp_datagrams],
    ["ICMP errors", summary.icmp_errors],
    ["captured twice", summary.duplicate_frames],
    ...Object.entries(summary.other_frames),
    ...Object.entries(summary.fragments).map((
      [name, number],
    ) => [`IP fragments: ${name.replaceAll("_", " ")}`, number]),
    ...Object.entries(summary.beyond_limits).map((
      [name, number],
    ) => [`beyond limits: ${name.replaceAll("_", " ")}`, number]),
    ...Object.entries(summary.evicted).map(([name, number]) => [`connections let go: ${name}`, number]),
  ];
  return rows.filter(([, number], place) => number || place < 2).map((
    [name, number],
  ) => [name, count(number)]);
}

/* The diagram with how often each change of state was seen; whatever the document does not know is dashed. */
function besideTheDocument() {
  const { documented, undocumented, not_comparable: gaps } = record.head.conformance;
  const counts = new Map(
    [...documented, ...undocumented, ...gaps].map((row) => [`${row.from} ${row.to}`, row.count]),
  );
  const rows = [...undocumented, ...gaps, ...documented].map((
    row,
  ) => [
    h("span", {}, badge(row.from), " → ", badge(row.to)),
    count(row.count),
    count(row.client),
    count(row.server),
    row.retracted ? count(row.retracted) : "·",
    row.sections.join("; ") ||
    (row.from === "UNKNOWN" || row.to === "UNKNOWN" ? "a gap in the capture" : "not documented"),
    h(
      "span",
      {},
      row.connections.slice(0, 3).map((id) => [h("a", { href: `#one?id=${id}` }, `#${id}`), " "]),
    ),
  ]);
  return [
    h("h3", {}, "Beside RFC 9293"),
    h(
      "p",
      { class: "faint" },
      "Thick arrows were walked, and say how often. Thin ones were not seen. Dashed ones stand in no document.",
    ),
    h(
      "div",
      { class: "figure5" },
      diagram({
        counts,
        label: `Diagram of states with counts: ${
          [...counts].map(([key, number]) => `${key.replace(" ", " to ")} ${number}`).join(", ")
        }`,
      }),
    ),
    plainTable("Changes of state", [
      { text: "change" },
      { text: "times", number: true },
      { text: "clients", number: true },
      { text: "servers", number: true },
      { text: "disproved", number: true },
      { text: "RFC 9293" },
      { text: "in" },
    ], rows),
  ];
}
