// Holds documents, one a line, to the Elastic Common Schema as @elastic/ecs publishes it: every field is one of the schema,
// of its type, with an allowed value; every event.type is one that its event.category expects.
// usage: node check.cjs VERSION FILE
'use strict';
const { readFileSync } = require('node:fs');
const { EcsFlat, EcsVersion } = require('@elastic/ecs');

const [version, file] = process.argv.slice(2);
if (EcsVersion !== version) throw new Error(`the schema is of version ${EcsVersion}, the documents are of ${version}`);

const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const ip = require('node:net').isIP;
const whole = (v) => Number.isInteger(v);
const is = {
  keyword: (v) => typeof v === 'string', constant_keyword: (v) => typeof v === 'string', wildcard: (v) => typeof v === 'string',
  match_only_text: (v) => typeof v === 'string', text: (v) => typeof v === 'string',
  long: whole, integer: whole, boolean: (v) => typeof v === 'boolean', date: (v) => typeof v === 'string' && date.test(v),
  ip: (v) => typeof v === 'string' && ip(v) > 0,
};
// What is not in the schema, and why it is there.
const effective = new Set(['entity_id', 'executable', 'name', 'pid'].map((k) => 'Effective_process.' + k)); // Elastic's own extension
const definition = (name) => {
  if (effective.has(name)) return EcsFlat[name.replace('Effective_process', 'process')];
  return EcsFlat[name.replace(/^process\.responsible\./, 'process.')]; // RFC 0044: a process, nested
};

let line = 0;
let fields = 0;
const wrong = (what) => { throw new Error(`line ${line}: ${what}`); };

function walk(name, value) {
  if (name === 'ascribe') return; // the finding, in its own words
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) wrong(`${name} is empty`);
    for (const k of keys) walk(name ? `${name}.${k}` : k, value[k]);
    return;
  }
  const d = definition(name);
  if (!d) wrong(`${name} is no field of the schema`);
  if (Array.isArray(value) !== d.normalize.includes('array')) wrong(`${name} is a list, or is none, against the schema`);
  for (const v of Array.isArray(value) ? value : [value]) {
    if (!is[d.type]) wrong(`${name} is of type ${d.type}, which this check does not know`);
    if (!is[d.type](v)) wrong(`${name} is ${JSON.stringify(v)}, which is no ${d.type}`);
    if (d.allowed_values && !d.allowed_values.some((a) => a.name === v)) wrong(`${name} must not be ${JSON.stringify(v)}`);
  }
  fields++;
}

for (const text of readFileSync(file, 'utf8').split('\n')) {
  line++;
  if (text === '') continue;
  const doc = JSON.parse(text);
  walk('', doc);
  for (const k of ['@timestamp', 'ecs', 'event']) if (!(k in doc)) wrong(`${k} is missing`);
  const expected = EcsFlat['event.category'].allowed_values
    .filter((a) => (doc.event.category ?? []).includes(a.name)).flatMap((a) => a.expected_event_types);
  for (const t of doc.event.type ?? []) if (!expected.includes(t)) wrong(`event.type ${t} is not expected of ${doc.event.category}`);
}
console.log(`${line - 1} documents, ${fields} fields`);
