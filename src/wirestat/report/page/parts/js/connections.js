/* The connections: a table that draws only the rows that are in sight, however many there are. */

const ROW = 30;
const TALLEST = 8000000;
const FIXED = {
  id: {
    title: "#",
    number: true,
    value: () => data.connections.of("id"),
    text: (place) => `#${data.connections.of("id")[place]}`,
  },
  since: {
    title: "begins",
    number: true,
    value: () => data.connections.of("first_time_ns"),
    text: (place) => offset(data.connections.of("first_time_ns")[place]),
  },
  client: {
    title: "client",
    value: () => ranks("client"),
    text: (place) => socketOf("client", place),
    wide: true,
  },
  server: {
    title: "server",
    value: () => ranks("server"),
    text: (place) => socketOf("server", place),
    wide: true,
  },
  client_state: {
    title: "client is in",
    value: () => data.connections.of("client_state"),
    text: (place) => standing("client", place),
    state: "client",
  },
  server_state: {
    title: "server is in",
    value: () => data.connections.of("server_state"),
    text: (place) => standing("server", place),
    state: "server",
  },
  duration: { title: "lasted", number: true, value: durations, text: (place) => span(durations()[place]) },
  bytes: {
    title: "bytes",
    number: true,
    value: () => sums("bytes"),
    text: (place) => size(sums("bytes")[place]),
  },
  frames: {
    title: "segments",
    number: true,
    value: () => sums("frames"),
    text: (place) => count(sums("frames")[place]),
  },
  connect: {
    title: "connect time",
    number: true,
    value: () => data.connections.of("connect_ns"),
    text: (place) => span(data.connections.of("connect_ns")[place]),
  },
  findings: {
    title: "findings",
    value: () => data.connections.of("findings"),
    text: (place) => findingsOf(place).map((one) => one.handle).join(" "),
  },
};
// Where there is little room, the states come before what else there is to the right of them.
const columnsShown = matchMedia("(max-width: 640px)").matches
  ? ["id", "client_state", "server_state", "client", "server", "since", "duration", "findings"]
  : ["id", "since", "client", "server", "client_state", "server_state", "duration", "findings"];
const table = { first: 0, selected: 0, rows: [], body: null, scroller: null, sizer: null };

function findingsOf(place) {
  return record.sets[data.connections.of("findings")[place]].map((one) => record.findings[one]);
}

function standing(end, place) {
  const { connections } = data;
  const others = othersOf(end, place).map((code) => states[code]);
  return [
    states[connections.of(`${end}_state`)[place]],
    ...others.map((name) => (name === "CLOSED" ? "gone since" : name)),
  ].join(", or ");
}

const made = new Map();
function once(name, make) {
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
}

function durations() {
  return once(
    "durations",
    () =>
      data.connections.of("last_time_ns").map((last, place) =>
        last - data.connections.of("first_time_ns")[place]
      ),
  );
}

function sums(name) {
  return once(
    name,
    () =>
      Float64Array.from(
        data.connections.of(`client_${name}`),
        (number, place) => number + data.connections.of(`server_${name}`)[place],
      ),
  );
}

/* Addresses in the order of their numbers, then ports. */
function ranks(end) {
  return once(`ranks ${end}`, () => {
    const keys = record.names.addresses.map((address, code) => ({
      code,
      ...(readAddress(address) || { version: 9, value: 0n }),
    }));
    keys.sort((one, other) =>
      one.version - other.version || (one.value < other.value ? -1 : one.value > other.value ? 1 : 0)
    );
    const rank = new Float64Array(keys.length);
    keys.forEach(({ code }, place) => {
      rank[code] = place;
    });
    const codes = data.connections.of(`${end}_address`), ports = data.connections.of(`${end}_port`);
    return Float64Array.from(codes, (code, place) => rank[code] * 65536 + ports[place]);
  });
}

function columnOf(name) {
  if (FIXED[name]) return FIXED[name];
  const field = name.replace(/^(client|server)_/, "");
  const about = record.fields.find((one) => one.end === field || one.whole === name);
  const kind = about ? about.kind : "NUMBER";
  const show = { SPAN: span, TIME: offset, BYTES: size }[kind] || count;
  const numbers = () => data.connections.of(name);
  return {
    title: name.replace(/_ns$/, "").replaceAll("_", " "),
    number: !["NAME", "TUNNEL", "ADDRESS"].includes(kind),
    value: numbers,
    text: (place) => {
      const number = numbers()[place];
      if (Number.isNaN(number) || number === data.connections.nothing(name)) return "";
      return about && about.names
        ? record.names[about.names][number]
        : kind === "FLAG"
        ? (number ? "yes" : "no")
        : show(number);
    },
  };
}

function sortOrder() {
  const keys = columnOf(view.sort).value(), sign = view.down ? -1 : 1;
  view.order.sort((one, other) => {
    const a = keys[one], b = keys[other];
    if (a === b) return one - other;
    return Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a < b ? -sign : sign;
  });
}

function showConnections(body) {
  if (!table.scroller || !body.contains(table.scroller)) buildTable(body);
  else replace(table.head, heads());
  table.first = 0;
  table.selected = 0;
  table.scroller.scrollTop = 0;
  resize();
  drawRows();
}

function buildTable(body) {
  table.head = h("tr", {}, heads());
  table.body = h("tbody", {});
  table.element = h(
    "table",
    { class: "rows" },
    h("caption", { class: "away" }, "Connections; the keys j and k go down and up, enter opens one"),
    h("thead", {}, table.head),
    table.body,
  );
  table.sizer = h("div", { class: "sizer" }, table.element);
  table.scroller = h("div", {
    class: "scroller",
    tabindex: "0",
    role: "region",
    "aria-label": "Table of connections",
  }, table.sizer);
  table.scroller.addEventListener("scroll", scrolled, { passive: true });
  table.scroller.addEventListener("wheel", wheeled, { passive: false });
  table.rows = [];
  replace(
    body,
    h("div", { class: "bar" }, legend(), h("span", { class: "push" }), columnMenu()),
    table.scroller,
  );
  new ResizeObserver(() => {
    if (view.pane === "connections") {
      resize();
      drawRows();
    }
  }).observe(table.scroller);
}

function legend() {
  const one = (kind, text) =>
    h("span", { class: "key" }, h("i", { class: `sample ${kind}`, "aria-hidden": "true" }), text);
  return h(
    "p",
    { class: "legend" },
    one("proven", "proven"),
    one("presumed", "presumed"),
    one("hatched", "or another state"),
    one("struck", "disproved"),
  );
}

function heads() {
  return [
    ...columnsShown.map((name) => {
      const column = columnOf(name),
        sorted = view.sort === name ? (view.down ? "descending" : "ascending") : "none";
      return h(
        "th",
        {
          scope: "col",
          class: [column.number && "number", column.wide && "socket"].filter(Boolean).join(" ") || null,
          "aria-sort": sorted,
        },
        h(
          "button",
          { type: "button", on: { click: () => sortBy(name) } },
          column.title,
          h(
            "span",
            { class: "arrow", "aria-hidden": "true" },
            sorted === "none" ? "" : view.down ? "↓" : "↑",
          ),
        ),
      );
    }),
    h(
      "th",
      { scope: "col", class: "lanes" },
      h("span", { class: "from" }, briefly(view.from)),
      "states of client and server",
      h("span", { class: "to" }, briefly(view.to)),
    ),
  ];
}

function sortBy(name) {
  view.down = view.sort === name ? !view.down : false;
  view.sort = name;
  arrange();
  refresh();
  const head = table.head.children[columnsShown.indexOf(name)];
  if (head) head.firstChild.focus();
}

function columnMenu() {
  const names = [
    ...Object.keys(FIXED),
    ...Object.keys(record.types).filter((name) =>
      !FIXED[name] && record.types[name] !== "set" && data.connections.has(name) &&
      !/_(address|port)$/.test(name)
    ),
  ];
  const box = (name) =>
    h(
      "label",
      {},
      h("input", {
        type: "checkbox",
        checked: columnsShown.includes(name),
        on: {
          change: (event) => {
            if (event.target.checked) columnsShown.push(name);
            else columnsShown.splice(columnsShown.indexOf(name), 1);
            table.rows = [];
            replace(table.body);
            replace(table.head, heads());
            table.lane = null;
            drawRows();
          },
        },
      }),
      columnOf(name).title,
    );
  return h("details", { class: "menu" }, h("summary", {}, "Columns"), h("div", {}, names.map(box)));
}

/* Browsers cap how tall an element may be: beyond that the bar stands for a share of all rows. */
function resize() {
  const rows = view.order.length;
  table.sight = Math.max(1, Math.floor((table.scroller.clientHeight - ROW) / ROW));
  table.tall = Math.min(TALLEST, (rows + 1) * ROW);
  table.sizer.style.setProperty("height", `${Math.max(table.tall, table.scroller.clientHeight)}px`);
  table.last = Math.max(0, rows - table.sight);
  table.lane = null;
}

function scrolled() {
  const room = table.tall - table.scroller.clientHeight;
  const first = room > 0 ? Math.round((table.scroller.scrollTop / room) * table.last) : 0;
  if (Math.abs(first - table.first) > (table.tall === TALLEST ? table.last / 1e5 + 1 : 0)) {
    moveTo(first, false);
  }
}

function wheeled(event) {
  if (table.tall !== TALLEST || event.ctrlKey) return;
  event.preventDefault();
  moveTo(table.first + Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / ROW)), true);
}

let drawing = 0;
function moveTo(first, follow) {
  table.first = Math.max(0, Math.min(table.last, first));
  if (follow) {
    const room = table.tall - table.scroller.clientHeight;
    table.scroller.scrollTop = table.last ? (table.first / table.last) * room : 0;
  }
  if (!drawing) {
    drawing = requestAnimationFrame(() => {
      drawing = 0;
      drawRows();
    });
  }
}

function select(number) {
  table.selected = Math.max(0, Math.min(view.order.length - 1, number));
  if (table.selected < table.first) moveTo(table.selected, true);
  else if (table.selected >= table.first + table.sight) moveTo(table.selected - table.sight + 1, true);
  drawRows();
}

function drawRows() {
  const { order } = view;
  table.lane ??= {
    wide: Math.max(120, table.head.lastChild.clientWidth - 14),
    high: 24,
    ratio: devicePixelRatio || 1,
  };
  table.element.setAttribute("aria-rowcount", order.length + 1);
  const number = Math.min(table.sight + 1, order.length - table.first);
  while (table.rows.length < number) table.rows.push(newRow());
  if (!order.length && !table.body.firstChild) table.rows.length = 0;
  table.rows.forEach((row, place) => {
    row.element.hidden = place >= number;
    if (place < number) fillRow(row, table.first + place);
  });
  table.scroller.classList.toggle("none", !order.length);
}

function newRow() {
  const cells = columnsShown.map((name) => {
    const column = columnOf(name);
    return h("td", {
      class:
        [column.number && "number", column.wide && "socket", column.state && "standing"].filter(Boolean).join(
          " ",
        ) || null,
    });
  });
  const canvas = h("canvas", { role: "img" });
  const link = h("a", { class: "id" });
  const element = h(
    "tr",
    {
      on: {
        click: (event) => {
          if (!event.target.closest("a")) open(Number(element.dataset.id));
        },
      },
    },
    cells,
    h("td", { class: "lanes" }, canvas),
  );
  table.body.append(element);
  return { element, cells, canvas, link };
}

function fillRow(row, number) {
  const place = view.order[number];
  const id = data.connections.of("id")[place];
  row.element.dataset.id = id;
  row.element.setAttribute("aria-rowindex", number + 2);
  row.element.classList.toggle("selected", number === table.selected);
  columnsShown.forEach((name, at) => {
    const column = columnOf(name), cell = row.cells[at];
    if (name === "id") {
      row.link.textContent = column.text(place);
      row.link.href = `#one?id=${id}`;
      if (cell.firstChild !== row.link) replace(cell, row.link);
    } else cell.textContent = column.text(place);
    if (column.state) {
      cell.style.setProperty(
        "--state",
        `var(--s-${states[data.connections.of(`${column.state}_state`)[place]]})`,
      );
    }
  });
  const pair = [stretches(place, 0), stretches(place, 1)];
  row.canvas.setAttribute("aria-label", lanesInWords(pair));
  lanesInto(row.canvas, pair, table.lane);
}
