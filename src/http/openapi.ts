/** `GET /openapi.json`: OpenAPI 3.1, made from the route table and the schemas that validate. */
import { z } from 'zod';
import {
  Bet,
  Building,
  Game,
  GameStateEntry,
  InventoryItem,
  Item,
  Problem,
  Proof,
  Round,
  Session,
  Transaction,
  User,
  Wallet,
} from '../protocol.ts';
import { type Route, route } from './route.ts';

/** Shapes that get a name of their own under `components`. */
const NAMED = {
  Bet,
  Building,
  Game,
  GameStateEntry,
  InventoryItem,
  Item,
  Problem,
  Proof,
  Round,
  Session,
  Transaction,
  User,
  Wallet,
};
const DEFINITIONS = '#/$defs/';
const COMPONENTS = '#/components/schemas/';

type JsonSchema = Record<string, unknown>;

export function openApiRoute(routes: readonly Route[]): Route {
  let text: string | undefined;
  const self: Route = route({
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    auth: 'none',
    contentType: 'application/json',
    response: z.string(),
    handler: (): string => {
      text ??= JSON.stringify(describeApi([...routes, self]));
      return text;
    },
  });
  return self;
}

function describeApi(routes: readonly Route[]): JsonSchema {
  nameShapes();
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, JsonSchema> = {};
  for (const definition of routes) {
    const path = definition.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [definition.method]: operation(definition, schemas) };
  }
  toSchema(Problem, 'output', schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Roundhouse',
      version: '1',
      description:
        'Amounts are integers in minor units, multipliers integers in hundredths; times are UTC.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        metrics: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operation(definition: Route, schemas: Record<string, JsonSchema>): JsonSchema {
  const { summary, auth, params, query, headers, body, response } = definition;
  const { status = 200, contentType } = definition;
  const parameters = [
    ...describeParameters('path', params, schemas),
    ...describeParameters('query', query, schemas),
    ...describeParameters('header', headers, schemas),
  ];
  const json = (schema: JsonSchema) => ({ 'application/json': { schema } });
  return {
    summary,
    tags: [definition.path.split('/').filter((part) => !/^(api|v\d+)$/.test(part))[1]],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: json(toSchema(body, 'input', schemas)) },
    }),
    responses: {
      [status]: {
        description: 'Done',
        content:
          contentType === undefined
            ? json(toSchema(response, 'output', schemas))
            : { [contentType.replace(/;.*$/, '')]: {} },
      },
      default: {
        description: 'Refused; see `code`',
        content: { 'application/problem+json': { schema: { $ref: `${COMPONENTS}Problem` } } },
      },
    },
    ...(auth !== 'none' && { security: [{ [auth]: [] }] }),
  };
}

function describeParameters(
  place: 'path' | 'query' | 'header',
  schema: z.ZodType | undefined,
  schemas: Record<string, JsonSchema>,
): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toSchema(schema, 'input', schemas) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

/** Named shapes go to `schemas` and are referred to. */
function toSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  schemas: Record<string, JsonSchema>,
): JsonSchema {
  const { $schema, $defs, ...rest } = z.toJSONSchema(schema, { io, override: loosen });
  const text = JSON.stringify({ rest, $defs: $defs ?? {} }).replaceAll(DEFINITIONS, COMPONENTS);
  const moved = JSON.parse(text) as { rest: JsonSchema; $defs: Record<string, JsonSchema> };
  for (const [name, { id, ...definition }] of Object.entries(moved.$defs)) {
    schemas[name] = definition;
  }
  return moved.rest;
}

/** Answers may grow, so they are not closed; a format says what its long pattern would. */
function loosen({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

function nameShapes(): void {
  for (const [id, schema] of Object.entries(NAMED)) {
    if (z.globalRegistry.get(schema)?.id !== id) z.globalRegistry.add(schema, { id });
  }
}
