import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { cases, type Kind, kinds, list, object, readJson } from "./Corpus.ts"
import * as Failures from "./Failures.ts"
import type { Judged } from "./Judging.ts"
import * as Suite from "./Suite.ts"

const own = fileURLToPath(new URL("../cases", import.meta.url))
const shared = fileURLToPath(new URL("../../../shared/conformance", import.meta.url))

const unpassed = (judged: ReadonlyArray<Judged>): ReadonlyArray<string> =>
  judged.filter(({ status }) => status !== "passed").map(({ difference, kind, name }) =>
    `${kind}/${name}: ${difference ?? ""}`
  )

describe("our own cases", () => {
  it.live("pass, and there is at least one of every kind but methods", () =>
    Effect.gen(function*() {
      const { judged } = yield* Suite.judge(own, kinds)
      assert.deepStrictEqual(unpassed(judged), [])
      assert.sameMembers(Array.from(new Set(judged.map(({ kind }) => kind))), [
        "runs",
        "validation",
        "templates",
        "failures"
      ])
    }), 60_000)
})

/** What the issue asks for, as a share of the cases of a kind. A divergence counts as not passed. */
const thresholds: Readonly<Record<Kind, number>> = {
  methods: 1,
  runs: 0.9,
  validation: 0.75,
  templates: 1,
  failures: 0.85
}

/** Templates that diverge by the specification's own word: a render is pure. */
const mayDiverge: ReadonlySet<string> = new Set(["pure-templates"])

describe("the shared corpus", () => {
  if (!existsSync(shared)) return it.skip("is absent: its cases are not compared", () => undefined)
  it.live.each(kinds)("passes its share of %s", (kind) =>
    Effect.gen(function*() {
      const { judged } = yield* Suite.judge(shared, [kind])
      const passed = judged.filter(({ divergence, status }) =>
        status === "passed" || (kind === "templates" && mayDiverge.has(divergence ?? ""))
      )
      assert.isAbove(judged.length, 0)
      assert.isAtLeast(passed.length / judged.length, thresholds[kind], unpassed(judged).join("\n"))
    }), 120_000)
})

/** A way to falsify what was recorded for a case. */
type Lie = (file: string, recorded: JsonObject) => JsonObject

const ofFirst = (change: (request: JsonObject) => JsonObject): Lie => (file, recorded) => {
  const [request, ...others] = list(recorded["requests"])
  return file !== "requests.json" || request === undefined
    ? recorded
    : { ...recorded, requests: [change(object(request)), ...others] }
}

const instead = (key: string, value: Json) => (request: JsonObject): JsonObject =>
  request[key] === undefined ? request : { ...request, [key]: value }

const of = (wanted: string, change: (recorded: JsonObject) => JsonObject): Lie => (file, recorded) =>
  file === wanted ? change(recorded) : recorded

const lies: Readonly<Record<string, Lie>> = {
  "another prompt": ofFirst((request) => ({
    ...request,
    messages: [{ role: "user", parts: [{ type: "text", text: "Something else" }] }],
    prompt_sha256: ""
  })),
  "another model": ofFirst(instead("model", "another")),
  "another temperature": ofFirst(instead("temperature", 0.123)),
  "another limit": ofFirst(instead("max_tokens", 1)),
  "another field of a request": ofFirst(instead("other", { stray: true })),
  "one request fewer": of("requests.json", (recorded) => ({
    ...recorded,
    requests: list(recorded["requests"]).slice(1)
  })),
  "another value in memory": of("output.json", (recorded) => ({
    ...recorded,
    memory: { root: { stray: { concept: "native.Text", content: { text: "x" } } } }
  })),
  "another verdict": of("verdict.json", (recorded) => ({ ...recorded, is_valid: recorded["is_valid"] !== true })),
  "another outcome of a fault": of("fault.json", (recorded) => ({
    ...recorded,
    outcome: { ...object(recorded["outcome"]), status: "error", category: "ambiguous" }
  })),
  "another number of attempts at a fault": of("fault.json", (recorded) => ({ ...recorded, attempts: 9 }))
}

/** Every file that something was recorded in: its name to a lie, its place, and the case it belongs to. */
const recordings: ReadonlyArray<readonly [file: string, place: string, name: string]> = [
  ...[...cases(own, "runs"), ...cases(own, "validation")].flatMap(({ kind, name }) =>
    ["expected/requests.json", "expected/output.json", "verdict.json"].map((place) =>
      [place.replace("expected/", ""), join(kind, name, place), `${kind}/${name}`] as const
    )
  ),
  ...Failures.faults(own).map(({ name }) => ["fault.json", `failures/${name}.json`, `failures/${name}`] as const)
]

/** Copies the cases in which there is something to lie about, with the lie. */
const falsify = (root: string, lie: Lie): ReadonlySet<string> => {
  const changed = new Set<string>()
  for (const [file, place, name] of recordings) {
    const written = readJson(join(own, place))
    if (written === undefined) continue
    const told = JSON.stringify(lie(file, object(written)))
    if (told === JSON.stringify(written)) continue
    const original = file === "fault.json" ? place : name
    if (!changed.has(name)) cpSync(join(own, original), join(root, original), { recursive: true })
    writeFileSync(join(root, place), told)
    changed.add(name)
  }
  return changed
}

const failing = ({ judged }: Suite.Result): ReadonlySet<string> =>
  new Set(judged.filter(({ status }) => status === "failed").map(({ kind, name }) => `${kind}/${name}`))

describe("the comparison", () => {
  it.live.each(Object.entries(lies))("notices %s", ([, lie]) =>
    Effect.gen(function*() {
      const root = mkdtempSync(join(tmpdir(), "conformance-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(root, { recursive: true })))
      const changed = falsify(root, lie)
      const noticed = failing(yield* Suite.judge(root, kinds))
      assert.isAbove(changed.size, 0)
      assert.deepStrictEqual(Array.from(changed).filter((each) => !noticed.has(each)), [])
    }).pipe(Effect.scoped), 60_000)
})
