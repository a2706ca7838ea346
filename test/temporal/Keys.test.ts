/** Every key of `[temporal]`: documented, with its default, read, and in a test in which changing it changes what happens. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as PipelexToml from "../../src/config/PipelexToml.ts"
import * as RuntimeToml from "../../src/config/RuntimeToml.ts"
import * as TemporalOptions from "../../src/config/TemporalOptions.ts"
import * as TemporalToml from "../../src/config/TemporalToml.ts"
import type * as Rules from "../../src/source/Rules.ts"
import * as Toml from "../../src/source/Toml.ts"
import { keys } from "./Keys.ts"

/** What names stand for here, by the table that they are names in. */
const names: Readonly<Record<string, readonly [placeholder: string, example: string]>> = {
  "payload_codec_config.encryption.keys": ["<id>", "june"],
  activity_queues: ["<activity>", "act_llm_gen_text"],
  "activity_queues.<activity>.by_handle": ["<handle>", "gpt-4o-mini"],
  "activity_queues.<activity>.handle_options": ["<handle>", "gpt-4o-mini"],
  queue_options: ["<queue>", "temporal_task_queue"],
  "worker_runtime_profiles.profiles": ["<profile>", "default"],
  "worker_scopes.scopes": ["<scope>", "full"],
  "temporal_config.temporal_server_configs": ["<server>", "local"]
}
const examples = new Map(Object.values(names))

const leaves = ({ each, keys: inner }: Rules.Rule, path: string): ReadonlyArray<string> => {
  const [placeholder = "?"] = names[path] ?? []
  const below = (key: string) => path === "" ? key : `${path}.${key}`
  if (each !== undefined) return leaves(each, below(placeholder))
  if (inner === undefined) return [path]
  // Of activities, one stands for all.
  const entries = path === "activity_queues"
    ? [[placeholder, inner["act_llm_gen_text"]] as const]
    : Object.entries(inner)
  return entries.flatMap(([key, rule]) => rule === undefined ? [] : leaves(rule, below(key)))
}

const schema = leaves(TemporalToml.rule(RuntimeToml.storageRule), "")

const document = readFileSync(join(import.meta.dirname, "../../docs/temporal-configuration.md"), "utf8")
const documented = Array.from(
  document.matchAll(/^\| `([^`]+)` \| (.*) \| (?:`(.*)`|—) \| .+ \|$/gm),
  ([, key = "", , value]) => ({ key, value })
)

/** A configuration with this key alone, its names exemplified. */
const written = (key: string, value: string): JsonObject => {
  const path = key.split(".").map((part) => JSON.stringify(examples.get(part) ?? part)).join(".")
  return Result.getOrThrow(Toml.parse(`temporal.${path} = ${value}`, "pipelex.toml"))
}

const optionsOf = (values: JsonObject) => TemporalOptions.options(values)

describe("every key of [temporal]", () => {
  it("is in the table of keys, once, and no other is", () => {
    assert.deepStrictEqual(keys.map(({ key }) => key).toSorted(), schema.toSorted())
    assert.isAbove(schema.length, 90)
  })

  it("is documented, once, and no other is", () => {
    assert.deepStrictEqual(documented.map(({ key }) => key).toSorted(), schema.toSorted())
  })

  it("has the default that is documented", () => {
    for (const { key, value } of documented) {
      if (value === undefined) continue
      const values = written(key, value)
      assert.deepStrictEqual(PipelexToml.check(values), [], key)
      assert.deepStrictEqual(optionsOf(values), TemporalOptions.defaults, key)
    }
  })

  it("changes what the configuration comes to, unless a notice says that it decides nothing", () => {
    for (const { isIdle, key, other } of keys) {
      const values = written(key, other)
      assert.deepStrictEqual(PipelexToml.check(values), [], key)
      if (isIdle === true) {
        assert.lengthOf(TemporalToml.notices(values), 1, key)
        continue
      }
      // Nothing is routed before there is a route.
      const unlike = key === "activity_queues.<activity>.default" || key.includes("<handle>") || key.includes("<queue>")
        ? TemporalOptions.defaults.routing
        : undefined
      const options = optionsOf(values)
      assert.notDeepEqual(options, TemporalOptions.defaults, key)
      if (unlike !== undefined && !key.endsWith("per_second")) assert.notDeepEqual(options.routing, unlike, key)
    }
  })

  it("has another value in the table of keys than by default", () => {
    for (const { key, other } of keys) {
      assert.notStrictEqual(documented.find((each) => each.key === key)?.value, other, key)
    }
  })

  for (const file of new Set(keys.map(({ test }) => test.split(" › ")[0] ?? ""))) {
    it(`is changed in the tests that are named of ${file}`, () => {
      const path = join(import.meta.dirname, file)
      assert.isTrue(existsSync(path), file)
      const text = readFileSync(path, "utf8")
      for (const { key, test } of keys.filter((each) => each.test.startsWith(`${file} › `))) {
        const title = test.slice(file.length + 3)
        assert.isTrue(title !== "" && text.includes(JSON.stringify(title).slice(1)), `${key}: ${test}`)
      }
    })
  }
})
