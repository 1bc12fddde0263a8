// npm sparkplug-payload behind two pipes: a line of JSON in, a line of JSON out.
//   {"decode": "<hex>"}  ->  the payload as it reads it, 64-bit numbers as text
//   {"encode": {...}}    ->  {"hex": "..."}
"use strict";
const { createInterface } = require("node:readline");
const codec = require("sparkplug-payload").get("spBv1.0");

const plain = (_, value) => (value && value.constructor && value.constructor.name === "Long" ? value.toString() : value);

createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  const answer = asked.decode !== undefined
    ? codec.decodePayload(Buffer.from(asked.decode, "hex"))
    : { hex: Buffer.from(codec.encodePayload(asked.encode)).toString("hex") };
  console.log(JSON.stringify(answer, plain));
});
