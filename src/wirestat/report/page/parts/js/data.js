/* The columns: inflated once, and turned into numbers when they are first asked for. */

async function inflate() {
  const text = byId("data").textContent;
  const packed = Uint8Array.fromBase64
    ? Uint8Array.fromBase64(text)
    : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  byId("data").remove();
  const { manifest, rows } = record;
  data.connections = new Columns(manifest.connections, rows.connections, bytes);
  data.transitions = new Rows(manifest.transitions, rows.transitions, bytes, data.connections);
  data.facts = new Kept(manifest.facts, bytes, data.connections);
  data.ladders = new Kept(manifest.ladders, bytes, null);
}

class Columns {
  constructor(manifest, rows, bytes) {
    this.manifest = manifest;
    this.rows = rows;
    this.bytes = bytes;
    this.known = new Map();
  }

  has(name) {
    return name in this.manifest || name.endsWith("_since_ns");
  }

  /* The numbers of a column. NaN stands for none where a column says so; elsewhere `nothing` tells what does. */
  of(name) {
    if (!this.known.has(name)) this.known.set(name, this.make(name));
    return this.known.get(name);
  }

  nothing(name) {
    const column = this.manifest[name];
    return column && column.null !== undefined && !column.none ? column.null : NaN;
  }

  /* The bytes of one weight of a column: a set keeps eight names in each. */
  plane(name, weight) {
    const place = this.manifest[name].planes[weight];
    if (place === undefined || place < 0) return place === undefined ? 0 : -1 - place;
    return this.bytes.subarray(place, place + this.rows);
  }

  make(name) {
    if (name.endsWith("_since_ns")) return sinceWhen(name.startsWith("client") ? 0 : 1);
    const column = this.manifest[name];
    const raw = this.raw(column);
    return column.by || column.scale || column.folded || column.none
      ? this.added(column, this.plain(column, raw))
      : raw;
  }

  raw(column) {
    const weights = column.planes.length;
    const Kind = weights <= 1
      ? Uint8Array
      : weights <= 2
      ? Uint16Array
      : weights <= 4
      ? Uint32Array
      : Float64Array;
    const numbers = new Kind(this.rows);
    column.planes.forEach((place, weight) => {
      const unit = 256 ** weight;
      if (place < 0) {
        const value = (-1 - place) * unit;
        if (value) { for (let row = 0; row < this.rows; row++) numbers[row] += value; }
      } else {
        const { bytes, rows } = this;
        for (let row = 0; row < rows; row++) numbers[row] += bytes[place + row] * unit;
      }
    });
    return numbers;
  }

  plain(column, raw) {
    const numbers = new Float64Array(this.rows);
    const scale = column.scale || 1;
    for (let row = 0; row < this.rows; row++) {
      let value = raw[row];
      if (column.none) {
        if (!value) {
          numbers[row] = NaN;
          continue;
        }
        value -= 1;
      }
      if (column.folded) value = value % 2 ? -(value + 1) / 2 : value / 2;
      numbers[row] = value * scale;
    }
    return numbers;
  }

  added(column, numbers) {
    if (!column.by) return numbers;
    if (column.by === "steps") {
      for (let row = 1; row < this.rows; row++) numbers[row] += numbers[row - 1];
      return numbers;
    }
    // Where the other column has no value, its own sign for that was subtracted: -1.
    const others = this.of(column.by);
    for (let row = 0; row < this.rows; row++) numbers[row] += Number.isNaN(others[row]) ? -1 : others[row];
    return numbers;
  }
}

/* Rows that belong to connections: `offsets` says where those of each begin and those of the last one end. */
class Rows extends Columns {
  constructor(manifest, rows, bytes, connections) {
    super(manifest, rows, bytes);
    this.connections = connections;
    const counts = new Columns(manifest, connections ? connections.rows : 0, bytes).of("counts");
    this.offsets = new Uint32Array(counts.length + 1);
    for (let place = 0; place < counts.length; place++) {
      this.offsets[place + 1] = this.offsets[place] + counts[place];
    }
  }

  added(column, numbers) {
    if (column.by === "next") {
      const frames = this.of("frame");
      for (let row = 0; row < this.rows; row++) numbers[row] += row + 1 < this.rows ? frames[row + 1] : 0;
      return numbers;
    }
    if (column.by !== "along") return super.added(column, numbers);
    const starts = this.connections.of(column === this.manifest.time_ns ? "first_time_ns" : "first_frame");
    for (let place = 0; place + 1 < this.offsets.length; place++) {
      let before = starts[place];
      for (let row = this.offsets[place]; row < this.offsets[place + 1]; row++) {
        before = numbers[row] += before;
      }
    }
    return numbers;
  }
}

/* Rows of some connections only, found by the connection's id. */
class Kept {
  constructor(manifest, bytes, every) {
    const own = new Columns(manifest.columns, manifest.connections, bytes);
    const ids = own.of("of");
    this.places = new Map(Array.from(ids, (id, place) => [id, place]));
    this.notes = manifest.notes;
    const firsts = every &&
      { rows: manifest.connections, of: (name) => Float64Array.from(ids, (id) => every.of(name)[placeOf(id)]) };
    this.table = new Rows(manifest.columns, manifest.rows, bytes, firsts || own);
  }

  /* The rows of a connection, each with the named columns; nothing where it has none. */
  rows(id, names) {
    const place = this.places.get(id);
    if (place === undefined) return [];
    const columns = names.map((name) => this.table.of(name));
    const found = [];
    for (let row = this.table.offsets[place]; row < this.table.offsets[place + 1]; row++) {
      found.push(Object.fromEntries(names.map((name, number) => [name, columns[number][row]])));
    }
    return found;
  }
}

/* Where the connection of an id stands in the columns; -1 where the page does not have it. */
function placeOf(id) {
  const ids = data.connections.of("id");
  let low = 0, high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (ids[middle] === id) return middle;
    if (ids[middle] < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/* When each connection's end entered its state: its last change of state that is believed. */
function sinceWhen(end) {
  const { transitions, connections } = data;
  const times = transitions.of("time_ns"),
    whose = transitions.of("endpoint"),
    struck = transitions.of("retracted_by");
  const found = new Float64Array(connections.rows).fill(NaN);
  for (let place = 0; place < connections.rows; place++) {
    for (let row = transitions.offsets[place]; row < transitions.offsets[place + 1]; row++) {
      if (whose[row] === end && Number.isNaN(struck[row])) found[place] = times[row];
    }
  }
  return found;
}

/* One connection as an object; made for what is shown only. */
function connection(place) {
  const { connections } = data;
  const value = (name) => {
    if (!connections.has(name)) return undefined;
    const number = connections.of(name)[place];
    return Number.isNaN(number) || number === connections.nothing(name) ? null : number;
  };
  const of = (end) => ({
    value: (name) => value(`${end}_${name}`),
    socket: socketOf(end, place),
  });
  return { place, id: value("id"), value, client: of("client"), server: of("server") };
}

function socketOf(end, place) {
  const { connections } = data;
  return socket(
    record.names.addresses[connections.of(`${end}_address`)[place]],
    connections.of(`${end}_port`)[place],
  );
}

/* By which frame a change of state was proved: NaN where it was not, -1 where this page only says that it was. */
function proofs() {
  const { transitions } = data;
  if ("confirmed_by" in transitions.manifest) {
    const frames = transitions.of("confirmed_by");
    return (row) => frames[row];
  }
  const proved = transitions.of("is_confirmed");
  return (row) => (proved[row] ? -1 : NaN);
}

/* The changes of state of a connection, in the order in which they were inferred. */
function stepsOf(place) {
  const { transitions } = data;
  const names = ["endpoint", "from_state", "to", "time_ns", "frame", "cue", "evidence", "retracted_by"];
  const columns = names.map((name) => transitions.of(name));
  const proof = proofs();
  const steps = [];
  for (let row = transitions.offsets[place]; row < transitions.offsets[place + 1]; row++) {
    const [end, from, to, time, frame, cue, evidence, retracted] = columns.map((column) => column[row]);
    steps.push({ end, from, to, time, frame, cue, evidence, retracted, confirmed: proof(row) });
  }
  return steps;
}
