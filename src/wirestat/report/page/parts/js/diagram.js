/* The diagram of RFC 9293, Figure 5, drawn from record.figure. Arrows that the figure lacks are drawn where they were
   walked. */

function diagram({ walked = [], counts = null, here = [], label }) {
  const { size: [wide, high], half, places, ways } = record.figure;
  const edges = Object.entries(ways).filter(([key, way]) =>
    way[4] || walked.some((step) => step.key === key) || (counts && counts.has(key))
  );
  const above = here.length * 16 + 4;  // where an end is may be said above the topmost box
  const unknown = edges.some(([key]) => key.includes("UNKNOWN"));
  return draw(
    "svg",
    { viewBox: `0 ${-above} ${wide} ${high + above}`, class: "diagram", role: "img", "aria-label": label },
    arrowheads(),
    edges.map(([key, [path]]) =>
      edge(key, path, walked.filter((step) => step.key === key), counts && counts.get(key))
    ),
    Object.entries(places).filter(([name]) => name !== "UNKNOWN" || unknown).map(([name, place]) =>
      box(name, place, half, here)
    ),
    edges.map(([key, way]) => tag(way, walked.filter((step) => step.key === key), counts && counts.get(key))),
  );
}

function arrowheads() {
  const one = (id) =>
    draw("marker", {
      id,
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      markerUnits: "userSpaceOnUse",
      orient: "auto",
      class: id,
    }, draw("path", { d: "M0 0L8 4L0 8z" }));
  return draw("defs", {}, ["head-plain", "head-client", "head-server", "head-odd"].map(one));
}

function edge(key, path, walked, seen) {
  const odd = !record.document.changes[key] && !key.includes("UNKNOWN");
  const whose = walked.length ? ends[walked[walked.length - 1].end] : null;
  const kind = walked.length ? whose : seen ? (odd ? "odd" : "seen") : "plain";
  const head = walked.length ? whose : odd && seen ? "odd" : "plain";
  const thick = seen ? 1.4 + Math.min(3, Math.log10(seen + 1) * 0.8) : walked.length ? 2.4 : 1.1;
  return draw("path", {
    d: path,
    class: `edge ${kind}${odd ? " dashed" : ""}`,
    "marker-end": `url(#head-${head})`,
    "stroke-width": thick,
  }, draw("title", {}, aboutChange(key)));
}

function aboutChange(key) {
  const change = record.document.changes[key], text = key.replace(" ", " → ");
  return change
    ? `${text}: ${change.events.join(" or ")} (RFC 9293, ${change.sections.join("; ")})`
    : key.includes("UNKNOWN")
    ? `${text}: a gap in the capture`
    : `${text}: not documented in RFC 9293`;
}

function box(name, [x, y], half, here) {
  const state = name.split(" ")[0];
  const ends_ = here.filter((one) =>
    one.state === state && (state !== "CLOSED" || one.below === (name !== "CLOSED"))
  );
  return draw(
    "g",
    { class: `box${ends_.length ? " here" : ""}` },
    draw("rect", { x: x - half[0], y: y - half[1], width: half[0] * 2, height: half[1] * 2, rx: 8 }),
    draw("rect", {
      x: x - half[0],
      y: y - half[1],
      width: 8,
      height: half[1] * 2,
      rx: 3,
      style: { fill: `var(--s-${state})` },
    }),
    draw("text", { x: x + 4, y: y + 6, class: "label middle" }, state),
    draw("title", {}, record.document.states[state] || "the capture does not say"),
    ends_.map((one, place) =>
      draw(
        "text",
        { x: x + half[0] - 4, y: y - half[1] - 5 - place * 16, class: `end ${one.end}` },
        `${one.end} is here`,
      )
    ),
  );
}

function tag([, x, y, anchor], walked, seen) {
  if (walked.length) {
    const shift = anchor === "end" ? -1 : 1,
      from = anchor === "middle" ? x - (walked.length - 1) * 14 : x + shift * 11;
    return draw(
      "g",
      {},
      walked.slice(0, 5).map((step, place) =>
        draw(
          "g",
          { class: `walk ${ends[step.end]}` },
          draw("circle", { cx: from + shift * place * 29, cy: y - 4, r: 14 }),
          draw("text", { x: from + shift * place * 29, y: y + 2, class: "middle" }, step.number),
        )
      ),
    );
  }
  if (seen) return draw("text", { x, y, class: `label halo ${anchor}` }, count(seen));
  return null;
}
