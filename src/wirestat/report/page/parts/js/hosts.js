/* Listeners, clients and paths: tables of the populations, and how long opening a connection took. */

const MOST_ROWS = 200;

function showHosts(body) {
  const { listeners, clients, paths } = record.head.summary;
  replace(
    body,
    data.connections &&
      h(
        "div",
        { class: "pairs" },
        spreadCard(
          "Connect time",
          "From the first SYN to the first acknowledgement of a SYN-ACK, copies of the SYN included",
          data.connections.of("connect_ns"),
        ),
        spreadCard(
          "Round trip of the handshake",
          "From the SYN to the acknowledgement of the SYN-ACK",
          data.connections.of("handshake_rtt_ns"),
        ),
      ),
    h("div", { class: "card" }, sortable("Listeners", listenerColumns(), listeners)),
    h("div", { class: "card" }, sortable("Clients", clientColumns(), clients)),
    h("div", { class: "card" }, sortable("Paths", pathColumns(), paths)),
  );
}

/* How values spread: a bar for each doubling, with the quantiles that people ask for. */
function spreadCard(title, about, values) {
  const chosen = [];
  for (const place of view.order) if (values[place] >= 0) chosen.push(values[place]);
  const sorted = Float64Array.from(chosen).sort();
  const quantile = (
    part,
  ) => (sorted.length
    ? span(Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]))
    : "–");
  const steps = new Map();
  for (const value of sorted) {
    const step = value < 1000 ? 0 : Math.floor(Math.log2(value / 1000)) + 1;
    steps.set(step, (steps.get(step) || 0) + 1);
  }
  return h(
    "figure",
    { class: "card spread" },
    h("figcaption", {}, h("h3", {}, title), h("p", { class: "faint" }, about)),
    sorted.length
      ? bars(
        [...steps].map((
          [step, number],
        ) => [step ? 1000 * 2 ** (step - 1) : 0, step ? 1000 * 2 ** step : 1000, number]),
        title,
      )
      : h("p", { class: "calm" }, "None of these connections tells."),
    h(
      "dl",
      { class: "figures" },
      [["connections", count(sorted.length)], ["median", quantile(0.5)], ["95 %", quantile(0.95)], [
        "99 %",
        quantile(0.99),
      ], ["most", quantile(1)]].map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text))),
    ),
  );
}

function bars(steps, title) {
  const wide = 480, high = 120;
  steps.sort((one, other) => one[0] - other[0]);
  const low = Math.log2(steps[0][1]) - 1.4, up = Math.log2(steps[steps.length - 1][1]);
  const room = Math.min(54, (wide - 8) / (up - low)), top = Math.max(...steps.map(([, , number]) => number));
  const words = steps.map(([from, to, number]) => `${count(number)} from ${span(from)} to ${span(to)}`).join(
    ", ",
  );
  return draw(
    "svg",
    { viewBox: `0 0 ${wide} ${high + 20}`, role: "img", "aria-label": `${title}: ${words}` },
    steps.map(([from, to, number]) => {
      const x = 4 + (Math.log2(to) - 1 - low) * room, tall = (number / top) * (high - 18);
      return draw(
        "g",
        { class: "bar" },
        draw("rect", { x: x + 1, y: high - tall, width: room - 2, height: tall, rx: 2 }),
        draw(
          "text",
          { x: x + room / 2, y: high - tall - 4, class: "axis middle" },
          number === top || tall > 24 ? count(number) : "",
        ),
        draw("text", { x: x + 1, y: high + 14, class: "axis middle" }, span(rounded(from))),
        draw("title", {}, `${count(number)} from ${span(from)} to ${span(to)}`),
      );
    }),
  );
}

/* Doublings of a microsecond, to two digits: 8.2 ms. */
function rounded(ns) {
  return Math.round(Number(ns.toPrecision(2)));
}

function spreadCell(spread) {
  return spread
    ? h(
      "span",
      { title: `${span(spread.least_ns)} to ${span(spread.most_ns)}, of ${count(spread.count)}` },
      span(spread.usual_ns),
    )
    : "";
}

function ask_(question, text) {
  return data.connections
    ? h("button", {
      type: "button",
      class: "link",
      on: {
        click: () => {
          lookAt(null);
          setFilter(question);
          go("connections", { focus: true });
        },
      },
    }, text)
    : text;
}

function inStates(counts) {
  return h(
    "span",
    { class: "mix" },
    states.filter((name) => (counts || {})[name]).map((name) =>
      h(
        "span",
        { class: "state", title: name },
        h("i", { style: { background: `var(--s-${name})` }, "aria-hidden": "true" }),
        `${name} ${count(counts[name])}`,
      )
    ),
  );
}

function listenerColumns() {
  const number = (name, text, title) => ({
    text,
    title,
    number: true,
    value: (one) => one[name],
    show: (one) => (one[name] ? count(one[name]) : "·"),
  });
  return [
    {
      text: "listener",
      value: (one) => socket(one.address, one.port),
      show: (one) =>
        ask_(`server.addr==${one.address} && server.port==${one.port}`, socket(one.address, one.port)),
    },
    number("connections", "connections", "Opened or tried"),
    number("clients", "clients", "At least so many"),
    number("answered", "answered"),
    number("opened", "opened"),
    number("refused", "refused"),
    number("unanswered", "unanswered"),
    number("embryonic_peak", "SYN_RECV peak", "The most that were in SYN_RECV at one time"),
    number("slow", "slow to open"),
    number("reset", "reset"),
    number("short_lived", "short", "Opened and over within a second"),
    {
      text: "server away",
      title: "From the tap to the server and back, and how long it took: the usual time",
      number: true,
      value: (one) => (one.syn_to_syn_ack ? one.syn_to_syn_ack.usual_ns : -1),
      show: (one) => spreadCell(one.syn_to_syn_ack),
    },
    {
      text: "clients away",
      title: "From the tap to the clients and back",
      number: true,
      value: (one) => (one.syn_ack_to_ack ? one.syn_ack_to_ack.usual_ns : -1),
      show: (one) => spreadCell(one.syn_ack_to_ack),
    },
    { text: "at the end", value: (one) => one.connections, show: (one) => inStates(one.states) },
  ];
}

function clientColumns() {
  const number = (name, text) => ({
    text,
    number: true,
    value: (one) => one[name],
    show: (one) => (one[name] ? count(one[name]) : "·"),
  });
  return [
    {
      text: "client",
      value: (one) => one.address,
      show: (one) => ask_(`client.addr==${one.address}`, one.address),
    },
    number("connections", "connections"),
    number("sockets", "sockets asked"),
    number("answered", "answered"),
    number("opened", "opened"),
    number("refused", "refused"),
    number("unanswered", "unanswered"),
    number("reset", "reset by it"),
    number("wordless", "without a word"),
    {
      text: "regularly",
      number: true,
      value: (one) => (one.wordless_period ? one.wordless_period.ns : -1),
      show: (one) => (one.wordless_period ? `every ${span(one.wordless_period.ns)}` : ""),
    },
  ];
}

function pathColumns() {
  const talk = (name, text, show) => ({
    text,
    number: true,
    value: (one) => (one.talk ? one.talk[name] : -1),
    show: (one) => (one.talk ? show(one.talk[name]) : ""),
  });
  const dot = (number) => (number ? count(number) : "·"),
    longest = (list) => (list.length ? span(list[0].ns) : "");
  return [
    {
      text: "client → server",
      value: (one) => one.client,
      show: (one) =>
        ask_(`client.addr==${one.client} && server.addr==${one.server}`, `${one.client} → ${one.server}`),
    },
    {
      text: "connections",
      number: true,
      value: (one) => one.connections,
      show: (one) => count(one.connections),
    },
    { text: "opened", number: true, value: (one) => one.opened, show: (one) => dot(one.opened) },
    {
      text: "handshake",
      number: true,
      value: (one) => (one.talk && one.talk.handshake ? one.talk.handshake.usual_ns : -1),
      show: (one) => spreadCell(one.talk && one.talk.handshake),
    },
    talk("survived", "longest silence survived", longest),
    talk("died", "shortest silence not survived", longest),
    talk("resets", "resets", dot),
    talk("oldest", "oldest", longest),
    {
      text: "TTLs",
      value: (one) => one.client_ttls.length,
      show: (one) => `${one.client_ttls.join(", ") || "–"} / ${one.server_ttls.join(", ") || "–"}`,
    },
  ];
}

/* A table whose heads sort it; what it leaves out is said. */
function sortable(caption, columns, rows) {
  const frame = h("div", {});
  let by = null, down = true;
  const render = () => {
    const sorted = by === null ? rows : [...rows].sort((one, other) => {
      const a = columns[by].value(one), b = columns[by].value(other);
      return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
    });
    const head = (column, place) => ({
      ...column,
      text: h(
        "button",
        {
          type: "button",
          class: "sort",
          on: {
            click: () => {
              down = by === place ? !down : Boolean(column.number);
              by = place;
              render();
              frame.querySelectorAll("button.sort")[place].focus();
            },
          },
        },
        column.text,
        h("span", { class: "arrow", "aria-hidden": "true" }, by === place ? (down ? "↓" : "↑") : ""),
      ),
    });
    replace(
      frame,
      plainTable(
        `${caption} (${count(rows.length)})`,
        columns.map(head),
        sorted.slice(0, MOST_ROWS).map((row) => columns.map((column) => column.show(row))),
      ),
      rows.length > MOST_ROWS &&
        h("p", { class: "faint" }, `The first ${MOST_ROWS} of ${count(rows.length)} are listed.`),
    );
    if (by !== null) {
      frame.querySelectorAll("thead th")[by].setAttribute("aria-sort", down ? "descending" : "ascending");
    }
  };
  render();
  return rows.length ? frame : h("p", { class: "calm" }, `${caption}: none.`);
}
