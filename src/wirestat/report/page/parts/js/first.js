/* The record of the capture, and the view of it: the only things that all files share. */

const record = JSON.parse(document.getElementById("record").textContent);
const states = record.names.states;
const ends = ["client", "server"];
const start = BigInt(record.start);
/* Times in this page count from the start of the capture, in nanoseconds. */
const spanOfAll = Number(BigInt(record.end) - start);

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
