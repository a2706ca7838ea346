import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { cases, type Kind, kinds, list, object, readJson } from "./Corpus.ts"
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
      assert.sameMembers(Array.from(new Set(judged.map(({ kind }) => kind))), ["runs", "validation", "templates"])
    }), 60_000)
})

/** What the issue asks for, as a share of the cases of a kind. A divergence counts as not passed. */
const thresholds: Readonly<Record<Kind, number>> = { methods: 1, runs: 0.9, validation: 0.75, templates: 1 }

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

const other = (request: Json | undefined): JsonObject => ({
  ...object(request),
  messages: [{ role: "user", parts: [{ type: "text", text: "Something else" }] }],
  prompt_sha256: ""
})

const lies: Readonly<Record<string, Lie>> = {
  "another prompt": (file, recorded) => {
    const [request, ...others] = list(recorded["requests"])
    return file !== "requests.json" || request === undefined
      ? recorded
      : { ...recorded, requests: [other(request), ...others] }
  },
  "one request fewer": (file, recorded) =>
    file === "requests.json" ? { ...recorded, requests: list(recorded["requests"]).slice(1) } : recorded,
  "another value in memory": (file, recorded) =>
    file === "output.json"
      ? { ...recorded, memory: { root: { stray: { concept: "native.Text", content: { text: "x" } } } } }
      : recorded,
  "another verdict": (file, recorded) =>
    file === "verdict.json" ? { ...recorded, is_valid: recorded["is_valid"] !== true } : recorded
}

const falsify = (root: string, lie: Lie): ReadonlySet<string> => {
  const changed = new Set<string>()
  for (const { folder, kind, name } of [...cases(root, "runs"), ...cases(root, "validation")]) {
    for (const place of ["expected/requests.json", "expected/output.json", "verdict.json"]) {
      const written = readJson(join(folder, place))
      if (written === undefined) continue
      const told = JSON.stringify(lie(place.replace("expected/", ""), object(written)))
      if (told === JSON.stringify(written)) continue
      writeFileSync(join(folder, place), told)
      changed.add(`${kind}/${name}`)
    }
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
      cpSync(own, root, { recursive: true })
      const changed = falsify(root, lie)
      const noticed = failing(yield* Suite.judge(root, ["runs", "validation"]))
      assert.isAbove(changed.size, 0)
      assert.deepStrictEqual(Array.from(changed).filter((each) => !noticed.has(each)), [])
    }).pipe(Effect.scoped), 60_000)
})
