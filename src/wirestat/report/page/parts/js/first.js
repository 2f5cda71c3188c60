/* What the page was told, and what is being looked at: the only things that all files share. */

const told = JSON.parse(document.getElementById("told").textContent);
const states = told.names.states;
const ends = ["client", "server"];
const start = BigInt(told.start);
/* Times in this page count from the start of the capture, in nanoseconds. */
const spanOfAll = Number(BigInt(told.end) - start);

/* The tables, once they are inflated. */
const data = { connections: null, transitions: null, facts: null, ladders: null };

/* What is being looked at. All of it that is worth a link stands in the address. */
const view = {
  pane: "wrong",
  filter: "",
  finding: null,
  id: null,
  from: 0,
  to: spanOfAll || 1,
  sort: null,
  down: false,
  chosen: null,
  order: null,
};
