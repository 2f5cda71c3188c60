/* What is wrong: causes first, each with what it rests on, what else it may be, and what to do. */

const MOST_CARDS = 100;
const WEIGHT = { error: "Error", warning: "Warning", note: "Note", info: "Info" };

function showWrong(body) {
  const [calm, others] = [true, false].map((is) =>
    record.findings.filter((finding) => finding.asks_nothing === is && !finding.capture)
  );
  replace(
    body,
    verdict(),
    record.leftOut && h("p", { class: "notice" }, record.leftOut),
    fitness(),
    h(
      "div",
      { class: "split" },
      h(
        "div",
        { class: "causes" },
        others.length ? cards(others) : h(
          "p",
          { class: "card calm" },
          record.head.summary.connections
            ? "Nothing is wrong with the connections of this capture, as far as it tells."
            : "There are no TCP connections in this capture.",
        ),
        calm.length > 0 &&
          h(
            "details",
            { class: "quiet" },
            h(
              "summary",
              {},
              `${some(calm.length, "remark")} that ${calm.length === 1 ? "asks" : "ask"} for nothing`,
            ),
            calm.map(card),
          ),
      ),
      h("aside", { "aria-label": "In numbers" }, figures(), stopped(), statesAtEnd()),
    ),
  );
}

/* The first cards, and the others when they are asked for: there may be thousands. */
function cards(findings) {
  const first = findings.slice(0, MOST_CARDS).map(card), rest = findings.slice(MOST_CARDS);
  if (!rest.length) return first;
  const more = h("button", {
    type: "button",
    class: "more",
    on: { click: () => more.replaceWith(...rest.map(card)) },
  }, `Show ${some(rest.length, "more finding")}`);
  return [...first, more];
}

function verdict() {
  const worst = record.findings.filter((finding) => !finding.capture).map((finding) => finding.severity)[0];
  return h(
    "div",
    { class: `verdict ${worst || "none"}` },
    h("p", { class: "counted" }, record.verdict),
    h(
      "p",
      { class: "faint" },
      `${some(record.head.summary.connections, "connection")} in ${some(record.head.summary.frames, "frame")}, ${
        span(spanOfAll)
      } from ${moment(0)}`,
    ),
  );
}

function fitness() {
  if (!record.fitness.length) return null;
  return h(
    "section",
    { class: "fitness", "aria-labelledby": "fitness-title" },
    h("h3", { id: "fitness-title" }, "About the capture itself"),
    h("ul", {}, record.fitness.map((line) => h("li", {}, line.trim().replace(/^! /, "")))),
  );
}

function card(finding) {
  const place = record.findings.indexOf(finding);
  const title = `finding-${place}`;
  return h(
    "article",
    { class: `card finding ${finding.severity}`, "aria-labelledby": title, id: `card-${finding.handle}` },
    h(
      "header",
      {},
      h("span", { class: `weight ${finding.severity}` }, WEIGHT[finding.severity]),
      h("h3", { id: title }, h("span", { class: "handle" }, finding.handle), " ", finding.title),
      h("span", { class: "faint" }, finding.confidence),
    ),
    h(
      "p",
      { class: "where" },
      finding.where && h("code", {}, finding.where),
      finding.where && " · ",
      finding.many,
      finding.since_ns !== null && ` · since ${clock(since(finding.since_ns))}`,
      finding.fault !== "undecided" && ` · fault: ${finding.fault}`,
    ),
    h("p", {}, finding.explanation),
    reasons("Not certain", finding.doubts),
    reasons("What else it might be", finding.rivals),
    advice(finding),
    actions(finding, place),
  );
}

function reasons(title, list) {
  return list.length
    ? h(
      "details",
      { class: "reasons" },
      h("summary", {}, title),
      h("ul", {}, list.map((one) => h("li", {}, one))),
    )
    : null;
}

function advice(finding) {
  if (!finding.advice) return null;
  return h(
    "div",
    { class: "advice" },
    h("p", {}, finding.advice),
    finding.commands.map((command) =>
      h("div", { class: "command" }, h("code", {}, command), copies("Copy", command, "the command"))
    ),
  );
}

function actions(finding, place) {
  const examples = [...new Set([finding.connection, ...finding.examples])].filter((id) => id !== null).slice(
    0,
    6,
  );
  const reach = data.connections ? examples.filter((id) => placeOf(id) >= 0) : [];
  return h(
    "footer",
    {},
    data.connections && finding.count > 0 && !finding.capture &&
      h("button", {
        type: "button",
        class: "main",
        on: {
          click: () => {
            lookAt(place);
            go("connections", { focus: true });
          },
        },
      }, finding.count === 1 ? "Show the connection" : "Show the connections"),
    reach.map((id) =>
      h("a", { href: `#one?id=${id}`, class: "pill", "aria-label": `Connection ${id}` }, `#${id}`)
    ),
    finding.frames.length > 0 &&
      h(
        "span",
        { class: "frames faint" },
        `frame ${finding.frames.slice(0, 5).map(count).join(", ")}${finding.frames.length > 5 ? ", …" : ""}`,
      ),
    h("span", { class: "push" }),
    finding.display_filter && copies("Wireshark filter", finding.display_filter, "the Wireshark filter"),
    copies("Markdown for a ticket", finding.markdown, "Markdown for a ticket"),
  );
}

function figures() {
  const { summary } = record.head;
  const rows = [["connections", summary.connections], ["TCP segments", summary.tcp_segments], [
    "frames",
    summary.frames,
  ], ["UDP conversations", summary.udp_conversations]];
  return h(
    "dl",
    { class: "figures card" },
    rows.map(([name, number]) => h("div", {}, h("dt", {}, name), h("dd", {}, count(number)))),
  );
}

function stopped() {
  const groups = record.head.summary.stopped;
  if (!groups.length) return null;
  const rows = groups.slice(0, 12).map((group) => {
    const question = `client.state==${group.client_state} && server.state==${group.server_state}`;
    const pair = [badge(group.client_state), " ", badge(group.server_state)];
    return [
      h("span", { class: "pair" }, pair),
      data.connections
        ? h("button", {
          type: "button",
          class: "link",
          "aria-label":
            `Show the ${group.count} connections in ${group.client_state} and ${group.server_state}`,
          on: {
            click: () => {
              lookAt(null);
              setFilter(question);
              go("connections", { focus: true });
            },
          },
        }, count(group.count))
        : count(group.count),
    ];
  });
  return h(
    "div",
    { class: "card" },
    plainTable("Stopped on the way: client, server", [{ text: "states" }, {
      text: "connections",
      number: true,
    }], rows),
  );
}

function statesAtEnd() {
  const { states: found } = record.head.summary;
  const names = states.filter((name) => ends.some((end) => (found[end] || {})[name]));
  if (!names.length) return null;
  const rows = names.map((
    name,
  ) => [badge(name), ...ends.map((end) => ((found[end] || {})[name] ? count(found[end][name]) : "·"))]);
  return h(
    "div",
    { class: "card" },
    plainTable("States at the end", [{ text: "state" }, { text: "client", number: true }, {
      text: "server",
      number: true,
    }], rows),
  );
}

function badge(name) {
  return h(
    "span",
    { class: "state" },
    h("i", { style: { background: `var(--s-${name})` }, "aria-hidden": "true" }),
    name,
  );
}
