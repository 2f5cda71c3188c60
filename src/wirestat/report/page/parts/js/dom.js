/* Elements. Whatever comes out of a capture becomes a text node or an attribute, never markup. */

function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function draw(name, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") {
      for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    } else if (name === "style") {
      for (const [property, what] of Object.entries(value)) element.style.setProperty(property, what);
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

/* A button that copies a text and says so. */
function copies(label, text, what) {
  return h("button", {
    type: "button",
    class: "copy",
    on: { click: () => copy(text, what) },
    "aria-label": `Copy ${what}`,
  }, label);
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "away", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`Copied ${what}.`);
}

let silence = 0;
function say(text) {
  const said = byId("said");
  said.textContent = text;
  said.classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => said.classList.remove("shown"), 2200);
}

/* A table of few rows, each cell a text or an element; a head is sorted by where its numbers are given. */
function plainTable(caption, heads, rows, attributes) {
  const cell = (one, place) =>
    h(
      place ? "td" : "th",
      { scope: place ? null : "row", class: heads[place].number ? "number" : null },
      one,
    );
  return h(
    "div",
    { class: "wide" },
    h(
      "table",
      { class: "plain", ...attributes },
      h("caption", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((head) =>
            h("th", { scope: "col", class: head.number ? "number" : null, title: head.title }, head.text)
          ),
        ),
      ),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell)))),
    ),
  );
}
