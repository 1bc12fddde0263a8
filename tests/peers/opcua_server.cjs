// npm node-opcua-server as a vendor's server; what is fixed for one run comes as an argument, the rest while it runs.
//   node opcua_server.cjs PORT SETTINGS
// SETTINGS (JSON): {"folder": its certificates, "namespaces": [uri, … in order of registration],
//   "limits": {"maxNodesPerRead": n, …}, "secured": only signed messages, "users": {name: password},
//   "calls_itself": host name in its endpoints, "without": [node ids that it lacks]}
// Says {"ready": true, "certificate": file} when it listens. Then a line of JSON in, answered with a line:
//   {"add": [{"uri", "path": "A/B/C" or [names], "id": "s=…", else one of its own, "type", "value",
//           "enum": [names], "range": [low, high] and "unit": sign, of an analog item}, …]}
//   {"set": [{"uri", "path", "value", "status": name, "at": ISO time}, …]}    64-bit numbers as text
//   {"remove": {"uri", "path"}}
//   {"allow": {"maxSessions": n, "maxSubscriptions": n, "maxMonitoredItems": n, …}}
//   {"trust": certificate file (DER)}
//   {"drop": true}   breaks every connection; the sessions stay
//   {"counts": true} sessions and subscriptions now, sessions so far, services asked for, namespaces
"use strict";
const { createInterface } = require("node:readline");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { makeEUInformation } = require("node-opcua-data-access");
const { MessageSecurityMode, SecurityPolicy } = require("node-opcua-secure-channel");
const { StatusCodes } = require("node-opcua-status-code");
const { DataType, Variant, VariantArrayType } = require("node-opcua-variant");

const [port, text] = process.argv.slice(2);
const settings = {
  namespaces: [], limits: {}, secured: false, users: {}, calls_itself: "127.0.0.1", without: [], ...JSON.parse(text),
};
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
console.log = console.warn = console.error; // what the library has to say is not an answer

const store = new OPCUACertificateManager({
  rootFolder: path.join(settings.folder, "pki"), automaticallyAcceptUnknownCertificate: false, disableFileWatchers: true,
});
const server = new OPCUAServer({
  port: Number(port), hostname: settings.calls_itself, host: "127.0.0.1", alternateHostname: "127.0.0.1",
  resourcePath: "/mine",
  serverCertificateManager: store,
  userCertificateManager: store,
  serverCapabilities: { operationLimits: settings.limits },
  securityPolicies: settings.secured ? [SecurityPolicy.Basic256Sha256] : [SecurityPolicy.None],
  securityModes: settings.secured ? [MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt] : [MessageSecurityMode.None],
  allowAnonymous: Object.keys(settings.users).length === 0,
  userManager: { isValidUser: (user, password) => settings.users[user] === password },
});
const variables = new Map();
const seen = { sessions: 0, services: {} };

const is64 = (type) => type === "Int64" || type === "UInt64";

// 64-bit numbers are pairs of 32-bit ones to node-opcua, high one first.
function plain(type, value) {
  if (Array.isArray(value)) return value.map((one) => plain(type, one));
  if (is64(type)) {
    const bits = BigInt.asUintN(64, BigInt(value));
    return [Number(bits >> 32n), Number(bits & 0xffffffffn)];
  }
  if (type === "DateTime") return new Date(value);
  if (type === "ByteString") return Buffer.from(value, "hex");
  return type === "Float" || type === "Double" ? Number(value) : value;
}

function variant(type, value) {
  const arrayType = Array.isArray(value) ? VariantArrayType.Array : VariantArrayType.Scalar;
  return new Variant({ dataType: DataType[type], arrayType, value: plain(type, value) });
}

function namespaceOf(uri) {
  const { addressSpace } = server.engine;
  return addressSpace.getNamespace(addressSpace.getNamespaceIndex(uri));
}

// The folder of a path, made where it is missing.
function folder(namespace, names) {
  let parent = server.engine.addressSpace.rootFolder.objects;
  for (const name of names) {
    parent = parent.getFolderElementByName(name, namespace.index) || namespace.addFolder(parent, name);
  }
  return parent;
}

function add({ uri, path: where, id, type, value, enum: names, range, unit }) {
  const namespace = namespaceOf(uri);
  const folders = Array.isArray(where) ? [...where] : where.split("/");
  const browseName = folders.pop();
  const dataType = names ? namespace.addEnumerationType({ browseName: `${browseName}Type`, enumeration: names }) : type;
  const options = {
    organizedBy: folder(namespace, folders), browseName, dataType, minimumSamplingInterval: 10,
    valueRank: Array.isArray(value) ? 1 : -1,
    ...(id ? { nodeId: `ns=${namespace.index};${id}` } : {}),
  };
  const variable = range
    ? namespace.addAnalogDataItem({
      ...options, engineeringUnitsRange: { low: range[0], high: range[1] }, engineeringUnits: makeEUInformation("X1", unit, unit),
    })
    : namespace.addVariable(options);
  const held = names ? "Int32" : type;
  variables.set(`${uri} ${where}`, { variable, type: held });
  variable.setValueFromSource(variant(held, value), StatusCodes.Good);
}

function set({ uri, path: where, value, status, at }) {
  const { variable, type } = variables.get(`${uri} ${where}`);
  variable.setValueFromSource(variant(type, value), StatusCodes[status || "Good"], at ? new Date(at) : undefined);
}

function remove({ uri, path: where }) {
  server.engine.addressSpace.deleteNode(variables.get(`${uri} ${where}`).variable);
  variables.delete(`${uri} ${where}`);
}

function drop() {
  for (const endpoint of server.endpoints) endpoint.abruptlyInterruptChannels();
}

function counts() {
  const { engine } = server;
  return {
    sessions: engine.currentSessionCount, sessions_so_far: seen.sessions, services: seen.services,
    subscriptions: engine.currentSubscriptionCount,
    namespaces: engine.addressSpace.getNamespaceArray().map((namespace) => namespace.namespaceUri),
  };
}

async function doAsAsked(asked) {
  (asked.add || []).forEach(add);
  (asked.set || []).forEach(set);
  if (asked.remove) remove(asked.remove);
  if (asked.allow) Object.assign(server.engine.serverCapabilities, asked.allow); // here 0 means none
  if (asked.trust) await store.trustCertificate(readFileSync(asked.trust));
  if (asked.drop) drop();
  return asked.counts ? counts() : {};
}

async function main() {
  server.on("create_session", () => { seen.sessions += 1; });
  server.on("request", ({ schema: { name } }) => { seen.services[name] = (seen.services[name] || 0) + 1; });
  await server.initialize();
  settings.namespaces.forEach((uri) => server.engine.addressSpace.registerNamespace(uri));
  settings.without.forEach((id) => server.engine.addressSpace.deleteNode(server.engine.addressSpace.findNode(id)));
  await server.start();
  say({ ready: true, certificate: server.certificateFile });
  for await (const line of createInterface({ input: process.stdin })) say(await doAsAsked(JSON.parse(line)));
  await server.shutdown(0);
  process.exit();
}

main();
