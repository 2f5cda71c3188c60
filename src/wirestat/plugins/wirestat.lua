-- wirestat in Wireshark and tshark: the states of both ends of a TCP connection as fields.
--
-- It reads the comments that 'wirestat annotate' has put into the open capture, and gives every frame of a connection
-- the states that its ends were in after that frame, by all that is known at the end of the capture.

local wirestat = Proto("wirestat", "wirestat: the TCP states of both ends")

local fields = {
  connection = ProtoField.uint32("wirestat.connection", "Connection", base.DEC, nil, nil, "its number in wirestat's reports"),
  client = ProtoField.string("wirestat.client.state", "State of the client", base.UNICODE, "after this frame"),
  server = ProtoField.string("wirestat.server.state", "State of the server", base.UNICODE, "after this frame"),
  evidence = ProtoField.string("wirestat.evidence", "Evidence", base.UNICODE, "how a change at this frame is known"),
  finding = ProtoField.string("wirestat.finding", "Finding", base.UNICODE, "what this frame is evidence of"),
}
wirestat.fields = fields

local comments = Field.new("frame.comment")
local streams = Field.new("tcp.stream")

-- The states by Wireshark's number of the stream, as the first pass through the capture goes on.
local ends = {}
-- What was found at each frame: later passes come in any order.
local known = {}

function wirestat.init()
  ends, known = {}, {}
end

-- Takes note of a change of state; what did not happen, or only when a timer ran out later, moves nobody here.
local function change(told, text)
  local id, side, from, to, how = text:match("^wirestat #(%d+) (%a+) (%S+) → (%S+), (.+)$")
  if not id then
    return
  end
  if told.connection ~= tonumber(id) then
    told.connection, told.client, told.server = tonumber(id), nil, nil
  end
  if how:find("retracted by", 1, true) then
    told[side] = told[side] or from
  elseif how:find("^by timer") then
    told.later[side] = to
  else
    told[side] = to
  end
  table.insert(told.evidence, how:find("^by timer") and "timer" or how:match("^%a+"))
end

local function read(number)
  local stream = streams()
  stream = stream and stream.value
  local before = stream and ends[stream] or {}
  local told = {
    connection = before.connection,
    client = before.later and before.later.client or before.client,
    server = before.later and before.later.server or before.server,
    evidence = {}, findings = {}, later = {},
  }
  for _, comment in ipairs({ comments() }) do
    local text = tostring(comment.value)
    change(told, text)
    local finding = text:match("^wirestat (D%d+ .-%))")
    if finding then
      table.insert(told.findings, finding)
    end
  end
  if stream then
    ends[stream] = told
  end
  known[number] = told
  return told
end

function wirestat.dissector(buffer, pinfo, tree)
  local told = known[pinfo.number] or read(pinfo.number)
  if not (told.connection or told.findings[1]) then
    return
  end
  local subtree = tree:add(wirestat, buffer(0, 0))
  for _, name in ipairs({ "connection", "client", "server" }) do
    if told[name] then
      subtree:add(fields[name], told[name]):set_generated()
    end
  end
  for _, how in ipairs(told.evidence) do
    subtree:add(fields.evidence, how):set_generated()
  end
  for _, finding in ipairs(told.findings) do
    subtree:add(fields.finding, finding):set_generated()
  end
end

register_postdissector(wirestat)
