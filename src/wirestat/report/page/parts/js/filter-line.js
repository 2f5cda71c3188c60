/* The filter line: what is typed, what is offered, what it chooses; and the one finding that may be looked at. */

function listenToFilterLine() {
  const input = byId("filter");
  let waiting = 0;
  function answer() {
    if (!waiting) return;
    cancelAnimationFrame(waiting);
    waiting = 0;
    offer();
    ask(input.value);
  }
  input.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(answer);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key.length > 1) answer(); // an arrow or Enter: it is for what is typed by now
    chooseOffer(event);
  });
  input.addEventListener("blur", () => setTimeout(closeOffers, 150));
  byId("filter-line").addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => {
    setFilter("");
    input.focus();
  });
}

function setFilter(text) {
  byId("filter").value = text;
  closeOffers();
  ask(text);
}

/* Choose connections by an expression and by the finding looked at; a mistake leaves the last choice as it was. */
function ask(text) {
  if (!data.connections) return;
  const input = byId("filter"), mistake = byId("mistake");
  let mask = null;
  try {
    if (text.trim()) mask = choose(text);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    input.setAttribute("aria-invalid", "true");
    replace(
      mistake,
      h(
        "pre",
        { "aria-hidden": "true" },
        `${" ".repeat(error.at)}^${"~".repeat(Math.max(0, error.length - 1))}`,
      ),
      h("span", {}, error.why + (error.hint ? ` (${error.hint})` : "")),
    );
    return;
  }
  input.removeAttribute("aria-invalid");
  replace(mistake);
  view.filter = text.trim();
  view.chosen = both(mask, view.finding === null ? null : spokenOf(view.finding));
  arrange();
  byId("clear").hidden = !text;
  remember();
  refresh();
}

function both(one, other) {
  if (!one || !other) return one || other;
  return one.map((held, place) => held & other[place]);
}

function spokenOf(finding) {
  const answers = record.sets.map((set) => (set.includes(finding) ? 1 : 0));
  return Uint8Array.from(data.connections.of("findings"), (code) => answers[code]);
}

/* Put the chosen connections in their order. */
function arrange() {
  const { rows } = data.connections;
  const order = new Uint32Array(rows);
  let number = 0;
  for (let place = 0; place < rows; place++) if (!view.chosen || view.chosen[place]) order[number++] = place;
  view.order = order.subarray(0, number);
  if (view.sort) sortOrder();
  const all = view.order.length === rows;
  byId("count").textContent = all
    ? some(rows, "connection")
    : `${count(view.order.length)} of ${some(rows, "connection")}`;
  showChips();
}

function showChips() {
  const finding = view.finding === null ? null : record.findings[view.finding];
  replace(
    byId("chips"),
    finding &&
      h(
        "span",
        { class: "chip" },
        `only ${finding.handle} ${finding.title}`,
        h(
          "button",
          { type: "button", "aria-label": "All findings again", on: { click: () => lookAt(null) } },
          "×",
        ),
      ),
  );
}

function lookAt(finding) {
  view.finding = finding;
  ask(byId("filter").value);
}

/* Fields and values that go on from what is typed. */
function offers() {
  const input = byId("filter");
  const typed = input.value.slice(0, input.selectionStart);
  const compared = /([\w.]+)\s*(?:[=!<>]=|[<>=]|(?:not\s+)?in(?:\s+\{.*?)?)\s*([\w.:/-]*)$/s.exec(typed);
  if (compared) {
    const [, name] = splitEnd(compared[1]);
    const field = fieldsByName().get(name);
    const names = !field
      ? []
      : field.kind === "FINDING"
      ? Object.keys(record.diagnoses)
      : field.kind === "SEVERITY"
      ? record.severities
      : field.kind === "FLAG"
      ? ["true", "false"]
      : field.kind === "NAME" || field.kind === "SET"
      ? record.names[field.names]
      : [];
    return begun(
      compared[2],
      names.map((
        one,
      ) => [/\s/.test(one) ? `"${one}"` : one, field.kind === "FINDING" ? record.diagnoses[one].title : ""]),
    );
  }
  const word = /[\w.]*$/.exec(typed)[0];
  const before = typed.slice(0, typed.length - word.length).trimEnd();
  if (before && !/(&&|\|\||[(!]|\band|\bor|\bnot)$/i.test(before)) return [];
  const [end] = splitEnd(word);
  const fields = record.fields.filter((field) => !end || field.end).map((
    field,
  ) => [(end ? `${end}.` : "") + field.name, field.meaning]);
  return begun(
    word,
    end ? fields : [...fields, ["client.", "of the client"], ["server.", "of the server"], [
      "transition(",
      "a change of state: transition(LAST_ACK -> CLOSED)",
    ]],
  );
}

function begun(word, names) {
  const lower = word.toLowerCase();
  return names.filter(([name]) => name.toLowerCase().startsWith(lower) && name.toLowerCase() !== lower).slice(
    0,
    9,
  ).map(([name, about]) => ({ word, name, about }));
}

function offer() {
  const list = byId("offers"), found = offers();
  replace(
    list,
    found.map((one, place) =>
      h(
        "li",
        {
          role: "option",
          id: `offer-${place}`,
          "aria-selected": "false",
          on: {
            mousedown: (event) => {
              event.preventDefault();
              accept(one);
            },
          },
        },
        h("b", {}, one.name),
        h("span", {}, one.about),
      )
    ),
  );
  list.hidden = !found.length;
  list.found = found;
  list.typed = byId("filter").value;
  list.at = -1;
  byId("filter").setAttribute("aria-expanded", String(found.length > 0));
  byId("filter").removeAttribute("aria-activedescendant");
}

function closeOffers() {
  byId("offers").hidden = true;
  byId("filter").setAttribute("aria-expanded", "false");
}

function accept({ word, name }) {
  const input = byId("filter"), at = input.selectionStart;
  input.setRangeText(name, at - word.length, at, "end");
  offer();
  ask(input.value);
}

function chooseOffer(event) {
  const list = byId("offers");
  // Whoever types fast is ahead of the list, which is made anew once a frame.
  if (/^(Arrow|Enter|Tab)/.test(event.key) && !list.hidden && list.typed !== event.target.value) offer();
  const { found = [] } = list;
  if (event.key === "Escape") {
    if (list.hidden) event.target.blur();
    else closeOffers();
    event.stopPropagation();
    return;
  }
  if (event.key === "ArrowDown" && list.hidden) {
    offer();
    if (list.hidden) return;
  }
  if (list.hidden) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    list.at = (list.at + (event.key === "ArrowDown" ? 1 : found.length - (list.at < 0 ? 0 : 1))) %
      found.length;
    [...list.children].forEach((child, place) =>
      child.setAttribute("aria-selected", String(place === list.at))
    );
    event.target.setAttribute("aria-activedescendant", `offer-${list.at}`);
    event.preventDefault();
  } else if ((event.key === "Enter" || event.key === "Tab") && list.at >= 0) {
    accept(found[list.at]);
    event.preventDefault();
  } else if (event.key === "Enter") closeOffers();
}
