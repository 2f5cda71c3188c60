/* The panes, and the address that says which one is looked at. */

const PANES = [
  { name: "wrong", title: "What is wrong", show: showWrong },
  { name: "time", title: "States over time", show: showTime, follows: true },
  { name: "connections", title: "Connections", show: showConnections, follows: true },
  { name: "one", title: "One connection", show: showOne },
  { name: "hosts", title: "Listeners, hosts, paths", show: showHosts, follows: true },
  { name: "capture", title: "The capture", show: showCapture },
  { name: "compare", title: "Between the points", show: showCompare },
];
const ofConnections = new Set(["time", "connections", "one"]);

function panes() {
  return PANES.filter(({ name }) =>
    (name !== "compare" || record.journeys) && (data.connections || !ofConnections.has(name))
  );
}

function buildPanes() {
  replace(
    byId("panes"),
    panes().map(({ name, title }) => h("a", { href: `#${name}`, "data-pane": name }, title)),
  );
  replace(
    byId("main"),
    panes().map(({ name, title }) =>
      h(
        "section",
        { id: `pane-${name}`, class: "pane", "aria-labelledby": `title-${name}`, hidden: true },
        h("h2", { id: `title-${name}`, class: name === "wrong" ? "away" : null }, title),
        h("div", { class: "body" }),
      )
    ),
  );
}

/* Show a pane; it is made when it is first looked at, and anew where what it depends on has changed. */
function go(name, { focus = false } = {}) {
  const pane = panes().find((one) => one.name === name) || panes()[0];
  view.pane = pane.name;
  for (const one of panes()) byId(`pane-${one.name}`).hidden = one !== pane;
  for (const link of byId("panes").children) {
    if (link.dataset.pane === pane.name) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" }); // where not all have room in the row
    } else {
      link.removeAttribute("aria-current");
    }
  }
  byId("filter-line").hidden = !data.connections || !pane.follows;
  refresh();
  remember();
  scrollTo(0, 0);
  if (focus) byId("main").focus({ preventScroll: true });
}

const shown = new Map();
function refresh(force = false) {
  const pane = PANES.find(({ name }) => name === view.pane);
  const what = JSON.stringify([
    pane.follows && [view.filter, view.finding, view.from, view.to, view.sort, view.down],
    pane.name === "one" && view.id,
  ]);
  if (!force && shown.get(pane.name) === what) return;
  shown.set(pane.name, what);
  pane.show(byId(`pane-${pane.name}`).querySelector(".body"));
}

let writing = false;
function remember() {
  const asked = new URLSearchParams();
  if (view.filter) asked.set("y", view.filter);
  if (view.finding !== null) asked.set("finding", record.findings[view.finding].handle);
  if (view.pane === "one" && view.id !== null) asked.set("id", view.id);
  if (view.from || view.to !== (spanOfAll || 1)) {
    asked.set("from", Math.round(view.from));
    asked.set("to", Math.round(view.to));
  }
  const address = `#${view.pane}${asked.size ? `?${asked}` : ""}`;
  if (address === location.hash) return;
  const before = location.hash.split("?")[0].slice(1);
  writing = true;
  if (before === view.pane) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  writing = false;
}

function recall() {
  if (writing) return;
  const [name, asked] = location.hash.slice(1).split("?");
  const wanted = new URLSearchParams(asked || "");
  const handle = wanted.get("finding");
  if (asked !== undefined || !name) {
    const place = record.findings.findIndex((finding) => finding.handle === handle);
    view.finding = place < 0 ? null : place;
    byId("filter").value = wanted.get("y") || "";
    view.from = Number(wanted.get("from")) || 0;
    view.to = Number(wanted.get("to")) || spanOfAll || 1;
  }
  if (wanted.has("id")) view.id = Number(wanted.get("id"));
  view.pane = panes().some((pane) => pane.name === name) ? name : "wrong";
  if (data.connections) ask(byId("filter").value);
  go(view.pane);
}

function open(id) {
  view.id = id;
  go("one", { focus: true });
}
