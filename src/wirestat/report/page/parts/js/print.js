/* On paper: all findings, and the connections that are chosen, as far as they fit. */

const ON_PAPER = 200;

function listenToPrinting() {
  const paper = h("div", { id: "paper", "aria-hidden": "true" });
  document.body.append(paper);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details.reasons, details.quiet").forEach((one) => {
      one.dataset.was = one.open ? "1" : "";
      one.open = true;
    });
    if (!byId("pane-wrong").querySelector(".body").firstChild) {
      showWrong(byId("pane-wrong").querySelector(".body"));
    }
    document.querySelectorAll("#pane-wrong button.more").forEach((button) => button.click());
    replace(paper, data.connections && view.order.length ? chosenOnPaper() : null);
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll("details[data-was]").forEach((one) => {
      one.open = Boolean(one.dataset.was);
    });
    replace(paper);
  });
}

function chosenOnPaper() {
  const names = ["id", "since", "client", "server", "client_state", "server_state", "duration", "findings"];
  const chosen = Array.from(view.order.subarray(0, ON_PAPER));
  const left = view.order.length - chosen.length;
  return [
    h("h2", {}, view.filter ? `Connections where ${view.filter}` : "Connections"),
    plainTable(
      `${count(chosen.length)} of ${count(view.order.length)}`,
      names.map((name) => ({ text: columnOf(name).title, number: columnOf(name).number })),
      chosen.map((place) => names.map((name) => columnOf(name).text(place))),
    ),
    left > 0 &&
    h("p", {}, `${some(left, "more connection")} left out: choose with the filter before printing.`),
  ];
}
