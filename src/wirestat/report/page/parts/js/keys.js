/* Keys: what people know from htop, less and their mail. */

const KEYS = [
  ["1 … 7", "go to a pane"],
  ["/", "filter"],
  ["j k", "down and up in the table"],
  ["g G", "first and last row"],
  ["enter", "open the connection"],
  ["n p", "next and previous connection"],
  ["esc", "back to the table; out of the filter"],
  ["t", "light or dark"],
  ["?", "this list"],
];

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (
      event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey ||
      /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)
    ) return;
    if (byId("keys").open) return;
    const act = actOf(event);
    if (!act) return;
    act();
    event.preventDefault();
  });
  byId("help").addEventListener("click", showKeys);
  byId("theme").addEventListener("click", changeTheme);
}

function actOf(event) {
  const { key } = event;
  if (/^[1-7]$/.test(key) && panes()[key - 1]) return () => go(panes()[key - 1].name, { focus: true });
  if (key === "/" && data.connections) {
    return () => {
      if (byId("filter-line").hidden) go("connections");
      byId("filter").focus();
      byId("filter").select();
    };
  }
  if (key === "?") return showKeys;
  if (key === "t") return changeTheme;
  if (view.pane === "connections") return rowAct(key, event.target);
  if (view.pane === "one") {
    if (key === "Escape") return () => go("connections", { focus: true });
    if (key === "n" || key === "p") {
      return () => {
        const buttons = document.querySelectorAll("#pane-one .buttons button");
        const button = buttons[key === "n" ? 1 : 0];
        if (button && !button.disabled) button.click();
      };
    }
  }
  return null;
}

function rowAct(key, target) {
  if (key === "Enter" && target.closest("a, button, summary")) return null;
  const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: table.sight, PageUp: -table.sight };
  if (key in steps) return () => select(table.selected + steps[key]);
  if (key === "g" || key === "Home") return () => select(0);
  if (key === "G" || key === "End") return () => select(view.order.length - 1);
  if (key === "Enter" && view.order.length) {
    return () => open(data.connections.of("id")[view.order[table.selected]]);
  }
  return null;
}

function showKeys() {
  const dialog = byId("keys");
  replace(
    dialog,
    h("h2", { id: "keys-title" }, "Keys"),
    h(
      "dl",
      {},
      KEYS.map(([key, does]) =>
        h(
          "div",
          {},
          h("dt", {}, key.split(" ").map((one) => (one === "…" ? " … " : h("kbd", {}, one)))),
          h("dd", {}, does),
        )
      ),
    ),
    h("form", { method: "dialog" }, h("button", { class: "main", autofocus: true }, "Close")),
  );
  dialog.showModal();
}

function changeTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  showTheme();
  refresh(true);
}

function showTheme() {
  byId("theme").textContent = isDark() ? "☀" : "☾";
  byId("theme").setAttribute("aria-label", isDark() ? "Light ground" : "Dark ground");
}
