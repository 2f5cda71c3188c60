/* Begin: show what is wrong at once, then the connections as soon as they are inflated. */

function fits() {
  return typeof DecompressionStream === "function" && CSS.supports("color", "light-dark(#000, #fff)");
}

async function begin() {
  const root = document.documentElement;
  for (const [name, [light, dark]] of Object.entries(record.colours)) {
    root.style.setProperty(`--s-${name}`, `light-dark(${light}, ${dark})`);
  }
  byId("captures").textContent = record.head.captures.map((one) => one.name.split("/").pop()).join(", ");
  byId("made").textContent =
    `wirestat ${record.head.wirestat} · numbers as in its JSON · nothing leaves this file`;
  if (record.manifest) await inflate();
  byId("old").remove();
  byId("app").hidden = false;
  if (data.connections) arrange();
  buildPanes();
  listenToKeys();
  showTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    showTheme();
    refresh(true);
  });
  if (data.connections) {
    listenToFilterLine();
    listenToPrinting();
  }
  addEventListener("hashchange", recall);
  addEventListener("popstate", recall);
  let narrow = isNarrow();
  addEventListener("resize", () => {
    const turned = narrow !== isNarrow();
    narrow = isNarrow();
    if (view.pane === "time" || turned) refresh(true);
  });
  recall();
  root.dataset.ready = String(Math.round(performance.now()));
  if (data.connections) {
    prepare(["client_since_ns", "server_since_ns", ...Object.keys(data.connections.manifest)]);
  }
}

/* Make the columns while nobody asks for anything, so that the first question is as quick as the next. */
function prepare(names) {
  const later = window.requestIdleCallback ||
    ((act) => setTimeout(() => act({ timeRemaining: () => 0 }), 50));
  later((idle) => {
    do {
      const name = names.shift();
      if (name && record.types[name] !== "set") data.connections.of(name);
    } while (names.length && idle.timeRemaining() > 4);
    if (names.length) prepare(names);
  });
}

/* For tests: what the page chooses and holds, and what a redraw takes. */
window.wirestat = {
  span,
  choose: (text, at) =>
    Array.from(choose(text, at ?? null)).flatMap((
      held,
      place,
    ) => (held ? [data.connections.of("id")[place]] : [])),
  ask: (text) => {
    setFilter(text);
    return view.order.length;
  },
  row: (id) => {
    const names = Object.keys(record.types).filter((name) =>
      record.types[name] !== "set" && data.connections.has(name)
    );
    const { value } = connection(placeOf(id));
    return Object.fromEntries(names.map((name) => [name, value(name)]));
  },
  steps: (id) => stepsOf(placeOf(id)),
  redraw: () => {
    const begun = performance.now();
    drawRows();
    return performance.now() - begun;
  },
};

if (fits()) begin();
