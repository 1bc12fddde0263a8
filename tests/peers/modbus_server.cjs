// npm modbus-serial or jsmodbus as a Modbus server with many units; jsmodbus also with RTU frames in TCP, and in TLS.
//   node modbus_server.cjs modbus-serial|jsmodbus tcp|rtu|tls PORT [CERTIFICATE KEY CLIENTS-AUTHORITY]
// Says {"ready": true} when it listens. Then a line of JSON in is what to do, and is answered with a line:
//   {"put": [[unit, table, address, type, order, value], …]}   maps what it takes; 64-bit numbers and NaN as text,
//                                                              the bytes of a text as the characters of Latin-1
//   {"unmap": [unit, table, address, count]}                   exception 2 from now on
//   {"silent": [unit, …]}   {"delay_ms": n}                    no answer; late answers
//   {"busy": {unit: code, …}}                                  answered with that exception
//   {"drop": true}                                             breaks every connection
//   {"counts": true}   requests by unit, function codes, connections so far and now
"use strict";
const net = require("node:net");
const tls = require("node:tls");
const { readFileSync } = require("node:fs");
const { EventEmitter } = require("node:events");
const { createInterface } = require("node:readline");

const [library, transport, port, ...files] = process.argv.slice(2);
const WRITE = {
  int16: [1, "writeInt16"], uint16: [1, "writeUInt16"], int32: [2, "writeInt32"], uint32: [2, "writeUInt32"],
  int64: [4, "writeBigInt64"], uint64: [4, "writeBigUInt64"], float32: [2, "writeFloat"], float64: [4, "writeDouble"],
};
const BCD_WORDS = { bcd16: 1, bcd32: 2 };

// What the units hold, and how they behave.
const units = new Map();
const silent = new Set();
const sockets = new Set();
const counts = { asked: {}, functions: [], connections: 0, open: 0 };
let busy = {};
let delayMs = 0;

function cells(unit, table) {
  if (!units.has(unit)) units.set(unit, { coil: new Map(), discrete: new Map(), holding: new Map(), input: new Map() });
  return units.get(unit)[table];
}

// The big-endian bytes of a value.
function encoded(type, value) {
  if (type === "ascii") return Buffer.from(value.length % 2 ? `${value}\0` : value, "latin1");
  if (BCD_WORDS[type]) return Buffer.from(String(value).padStart(4 * BCD_WORDS[type], "0"), "hex");
  const [words, write] = WRITE[type];
  const bytes = Buffer.alloc(2 * words);
  bytes[`${write}BE`](write.includes("Big") ? BigInt(value) : Number(value));
  return bytes;
}

function put([unit, table, address, type, order, value]) {
  const mapped = cells(unit, table);
  if (type === "bit") return mapped.set(address, Boolean(value));
  const bytes = encoded(type, value);
  const words = Array.from({ length: bytes.length / 2 }, (_, at) => bytes.subarray(2 * at, 2 * at + 2));
  if (type !== "ascii" && (order === "CDAB" || order === "DCBA")) words.reverse(); // low word first
  for (const [at, [first, second]] of words.entries()) {
    const isLowByteFirst = order === "BADC" || order === "DCBA";
    mapped.set(address + at, isLowByteFirst ? (second << 8) | first : (first << 8) | second);
  }
}

const exception = (code) => Object.assign(new Error(`exception ${code}`), { modbusErrorCode: code });

// The values of a range, in time; rejected with an exception code; never settled while the unit is silent.
async function read(unit, table, address, count) {
  if (silent.has(unit)) return new Promise(() => {});
  if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (busy[unit]) throw exception(busy[unit]);
  if (!units.has(unit)) throw exception(11);
  const mapped = cells(unit, table);
  const wanted = Array.from({ length: count }, (_, at) => address + at);
  if (!wanted.every((at) => mapped.has(at))) throw exception(2);
  return wanted.map((at) => mapped.get(at));
}

// Counts what comes in: one request in each piece of data, since a client asks for one thing at a time.
function watch(socket) {
  const [unitAt, functionAt] = transport === "rtu" ? [0, 1] : [6, 7];
  sockets.add(socket);
  counts.connections += 1;
  socket.on("data", (data) => {
    counts.asked[data[unitAt]] = (counts.asked[data[unitAt]] || 0) + 1;
    if (!counts.functions.includes(data[functionAt])) counts.functions.push(data[functionAt]);
  });
  socket.on("error", () => {});
  socket.on("close", () => sockets.delete(socket));
}

function serveModbusSerial(ready) {
  const { ServerTCP } = require("modbus-serial");
  const one = (table) => (address, unit) => read(unit, table, address, 1).then(([value]) => value);
  const many = (table) => (address, count, unit) => {
    const values = read(unit, table, address, count);
    return Array.from({ length: count }, (_, at) => values.then((all) => all[at]));
  };
  const server = new ServerTCP({
    getCoil: one("coil"), getDiscreteInput: one("discrete"), getHoldingRegister: one("holding"),
    getInputRegister: one("input"), getMultipleHoldingRegisters: many("holding"),
    getMultipleInputRegisters: many("input"),
  }, { host: "127.0.0.1", port: Number(port) });
  server._server.prependListener("connection", watch);
  server.on("socketError", () => {});
  server.on("initialized", ready);
}

function serveJsmodbus(ready) {
  const { ModbusRTUResponse, ModbusTCPResponse, responses, server: servers } = require("jsmodbus");
  const Response = transport === "rtu" ? ModbusRTUResponse : ModbusTCPResponse;
  const registers = (Body) => (values) => {
    const bytes = Buffer.alloc(2 * values.length);
    values.forEach((value, at) => bytes.writeUInt16BE(value, 2 * at));
    return new Body(bytes.length, bytes);
  };
  const bits = (Body) => (values) => new Body(values, Math.ceil(values.length / 8));
  const answer = (table, bodyOf) => (request, reply) =>
    read(request.unitId, table, request.body.start, request.body.count)
      .then(bodyOf, (error) => new responses.ExceptionResponseBody(request.body.fc, error.modbusErrorCode))
      .then((body) => reply(Response.fromRequest(request, body).createPayload()));
  const none = { coils: null, discrete: null, holding: null, input: null }; // its own single unit
  const attend = (server) => server
    .on("readCoils", answer("coil", bits(responses.ReadCoilsResponseBody)))
    .on("readDiscreteInputs", answer("discrete", bits(responses.ReadDiscreteInputsResponseBody)))
    .on("readHoldingRegisters", answer("holding", registers(responses.ReadHoldingRegistersResponseBody)))
    .on("readInputRegisters", answer("input", registers(responses.ReadInputRegistersResponseBody)));

  const door = new EventEmitter(); // a TLS server announces its sockets under another name than jsmodbus listens to
  if (transport === "rtu") door.on("connection", (socket) => attend(new servers.RTU(socket, none)));
  else attend(new servers.TCP(door, none));
  const enter = (socket) => {
    watch(socket);
    door.emit("connection", socket);
  };
  const [cert, key, ca] = files.map((file) => readFileSync(file));
  const listening = transport === "tls"
    ? tls.createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, enter)
    : net.createServer(enter);
  listening.on("tlsClientError", () => {});
  listening.listen(Number(port), "127.0.0.1", ready);
}

function doAsAsked(asked) {
  if (asked.put) asked.put.forEach(put);
  if (asked.unmap) {
    const [unit, table, address, count] = asked.unmap;
    for (let at = address; at < address + count; at += 1) cells(unit, table).delete(at);
  }
  if (asked.silent) {
    silent.clear();
    asked.silent.forEach((unit) => silent.add(unit));
  }
  if (asked.delay_ms !== undefined) delayMs = asked.delay_ms;
  if (asked.busy) busy = asked.busy;
  if (asked.drop) sockets.forEach((socket) => socket.destroy());
  return asked.counts ? { ...counts, open: sockets.size } : {};
}

const serve = library === "jsmodbus" ? serveJsmodbus : serveModbusSerial;
serve(() => console.log(JSON.stringify({ ready: true })));
createInterface({ input: process.stdin })
  .on("line", (line) => console.log(JSON.stringify(doAsAsked(JSON.parse(line)))))
  .on("close", () => process.exit());
