// The one check of what the server says: src/api/openapi/openapi.json, held against every answer and
// every frame that the suites see; and admin.json beside it, against those of the admin API. A document is open, so that clients take new members as they come;
// here it is closed, so that nobody adds one without describing it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import Ajv2020 from 'ajv/dist/2020.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../../../src/api/openapi/${name}.json`, import.meta.url), 'utf8'));

export const kDocument = read('openapi');
export const kAdminDocument = read('admin');

const kSchemas = '#/components/schemas/';
const kFaultsShown = 10;

/** As the typed SDKs read them: RFC 3339 with any number of digits of a second, and 64 bits. */
const kFormats = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  int64: { type: 'number', validate: Number.isInteger },
};

/** What holds an answer against one document. */
export class Checker {
  #document;
  #ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, formats: kFormats });
  #known = new Map();

  constructor(document) {
    this.#document = document;
    const $defs = Object.fromEntries(
      Object.entries(document.components.schemas).map(([name, schema]) => [name, this.#closeParts(schema)]),
    );
    this.#ajv.addSchema({ $id: 'openapi', $defs });
  }

  /** The names of all schemas, each compiled: a misspelt keyword or reference does not get past this. */
  compileAll() {
    return Object.keys(this.#document.components.schemas).map((name) => {
      this.#validatorOf({ $ref: kSchemas + name });
      return name;
    });
  }

  /** What of `json` does not fit a schema of this document, in sentences; none: all of it fits. */
  faults(schema, json) {
    const validate = this.#validatorOf(schema);
    if (validate(json)) return [];
    return validate.errors.slice(0, kFaultsShown).map(({ instancePath, message, params }) =>
      `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`);
  }

  /** What of an answer is not as described. */
  answerFaults(method, path, status, contentType, text) {
    const response = this.#findResponse(method, path, status);
    if (!response) return [`no answer ${status} is described for ${method} ${path}`];
    if (method === 'HEAD' || !response.content) return text === '' ? [] : ['there is a body where none is described'];
    const type = contentType?.split(';')[0];
    const content = response.content[type];
    if (!content) return [`the content type is ${contentType}`];
    if (type !== 'application/json') return []; // a page for people
    const json = parse(text);
    return json === undefined ? ['the body is not JSON'] : this.faults(content.schema, json);
  }

  /** What of a frame is not as described; `first` is whether it is the first one on its socket. */
  frameFaults(path, first, frame) {
    const response = this.#findResponse('GET', path, 101);
    if (!response) return [`no WebSocket is described at ${path}`];
    return this.faults(response['x-frames'][first ? 'first' : 'later'], frame);
  }

  /** The operation that a request is for; undefined where none is described. `path` may have a query. */
  findOperation(method, path) {
    const name = (method === 'HEAD' ? 'GET' : method).toLowerCase(); // HEAD is GET without the body
    const { pathname } = new URL(path, 'http://localhost');
    return Object.entries(this.#document.paths)
      .find(([template, item]) => item[name] && patternOf(template).test(pathname))?.[1][name];
  }

  #findResponse(method, path, status) {
    if (method === 'OPTIONS') return { description: 'a preflight' }; // answered everywhere
    const operation = this.findOperation(method, path);
    // Where nothing is, and where a request could not be read, refusals look the same.
    const error = { $ref: '#/components/responses/Error' };
    const responses = operation?.responses ?? { '4XX': error, '5XX': error };
    return this.#resolve(responses[status] ?? responses[`${Math.floor(status / 100)}XX`]);
  }

  #resolve(given) {
    const name = given?.$ref?.split('/').at(-1);
    return name ? this.#document.components.responses[name] : given;
  }

  #validatorOf(schema) {
    const key = JSON.stringify(schema);
    if (!this.#known.has(key)) this.#known.set(key, this.#ajv.compile(this.#close(schema)));
    return this.#known.get(key);
  }

  /** `schema` where a value is described by nothing else: what it leaves out is refused. */
  #close(schema) {
    const closed = this.#closeParts(schema);
    const describesMembers = schema.$ref ? this.#describesMembers(schema) : 'properties' in schema;
    return describesMembers && !('additionalProperties' in schema)
      ? { type: 'object', ...closed, unevaluatedProperties: false }
      : closed;
  }

  #describesMembers({ $ref, properties, allOf = [] }) {
    if ($ref) return this.#describesMembers(this.#document.components.schemas[$ref.slice(kSchemas.length)]);
    return properties !== undefined || allOf.some((part) => this.#describesMembers(part));
  }

  /** `schema` with what is inside it closed. The parts of `allOf` describe one value together. */
  #closeParts(schema) {
    const copy = { ...schema };
    const each = (value, change) => Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part)]));
    const close = (part) => this.#close(part);
    if (copy.$ref) copy.$ref = copy.$ref.replace(kSchemas, 'openapi#/$defs/');
    if (copy.properties) copy.properties = each(copy.properties, close);
    if (copy.items) copy.items = close(copy.items);
    if (typeof copy.additionalProperties === 'object') copy.additionalProperties = close(copy.additionalProperties);
    for (const name of ['oneOf', 'anyOf']) if (copy[name]) copy[name] = copy[name].map(close);
    if (copy.allOf) copy.allOf = copy.allOf.map((part) => this.#closeParts(part));
    return copy;
  }
}

const patterns = new Map();

/** `/users/{id}/export` as what it matches. */
function patternOf(template) {
  if (!patterns.has(template)) patterns.set(template, new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`));
  return patterns.get(template);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const checker = new Checker(kDocument);

/** Every answer of the public listener that a suite sees goes through here. */
export function assertDescribed(method, path, status, contentType, text) {
  const faults = checker.answerFaults(method, path, status, contentType, text);
  assert.deepEqual(faults, [], `${method} ${path} answered ${status} ${text.slice(0, 1000)}`);
}

/** And every frame. */
export function assertFrameDescribed(path, first, frame) {
  assert.deepEqual(checker.frameFaults(path, first, frame), [], `${path} sent ${JSON.stringify(frame).slice(0, 1000)}`);
}

const adminChecker = new Checker(kAdminDocument);

/** The same of the admin API; `path` is what stands behind its prefix. */
export function assertAdminDescribed(method, path, status, contentType, text) {
  const faults = adminChecker.answerFaults(method, path, status, contentType, text);
  assert.deepEqual(faults, [], `${method} ${path} answered ${status} ${text.slice(0, 1000)}`);
}

export function assertAdminFrameDescribed(path, first, frame) {
  assert.deepEqual(adminChecker.frameFaults(path, first, frame), [], `${path} sent ${JSON.stringify(frame).slice(0, 1000)}`);
}
