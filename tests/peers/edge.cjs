// npm sparkplug-client as an edge node with one device; a line of JSON in is what to do.
//   {"birth": [metrics], "device": [metrics]}  on every birth event from now on, and at once if connected
//   {"data": [metrics]}                        data of the device
//   {"stop": true}                             end
"use strict";
const { createInterface } = require("node:readline");
const { newClient } = require("sparkplug-client");

const [port, group, node] = process.argv.slice(2);
const client = newClient({
  serverUrl: `mqtt://127.0.0.1:${port}`, username: "", password: "", groupId: group, edgeNode: node,
  clientId: `${node}-npm`, publishDeath: true,
});
let births = { birth: [], device: [] };
const tell = (word) => console.log(word);

function birth() {
  client.publishNodeBirth({ timestamp: Date.now(), metrics: [...births.birth] });
  client.publishDeviceBirth("F1", { timestamp: Date.now(), metrics: births.device });
  tell("birth");
}
client.on("error", (error) => tell(`error ${error.message}`));
client.on("ncmd", (payload) => {
  const asked = payload.metrics.some((metric) => metric.name === "Node Control/Rebirth" && metric.value === true);
  tell(asked ? "rebirth" : "ncmd");
  if (asked) birth();
});

createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  if (asked.birth) {
    births = asked;
    client.on("birth", birth);
    if (client.connected) birth();
  }
  if (asked.data) client.publishDeviceData("F1", { timestamp: Date.now(), metrics: asked.data });
  if (asked.stop) client.stop();
});
