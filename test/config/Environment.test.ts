import { assert, layer } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Environment from "../../src/config/Environment.ts"
import * as Locations from "../../src/config/Locations.ts"
import * as Folder from "../source/Folder.ts"

const exported = (variables: Readonly<Record<string, string>>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: variables })))

layer(Folder.layer)("Environment.load", (it) => {
  it.effect("hears the process over the working directory's .env, and that over the home folder's", () =>
    Effect.gen(function*() {
      const root = yield* Folder.make({
        "work/.env": "A=work\nB=work\nC=work\nSAME=1\n",
        "home/.env": "A=home\nB=home\nD=home\nSAME=1\n"
      })
      const places = { cwd: `${root}/work`, home: `${root}/home` }
      const { get, origin } = yield* Environment.load(places).pipe(exported({ A: "process", E: "process", SAME: "1" }))
      assert.deepStrictEqual(["A", "B", "C", "D", "E", "F"].map(get), [
        "process",
        "work",
        "work",
        "home",
        "process",
        undefined
      ])
      assert.deepStrictEqual(origin("A"), {
        from: "environment",
        unheard: [`${root}/work/.env`, `${root}/home/.env`]
      })
      assert.deepStrictEqual(origin("B"), { from: `${root}/work/.env`, unheard: [`${root}/home/.env`] })
      assert.deepStrictEqual(origin("SAME"), { from: "environment", unheard: [] })
      assert.isUndefined(origin("F"))
    }))

  it.effect("reads what .env files hold: comments, quotes, exports, names with figures, and no empty value", () =>
    Effect.gen(function*() {
      const cwd = yield* Folder.make({
        ".env":
          "\uFEFF# keys\nexport OPENAI_API_KEY=\"sk-1 # 2\" # mine\nX='a=b'\nEMPTY=\nLINES=\"a\\nb\"\nKEY_1=one\nKEY_1_2=two\nKEY__X=odd\nPRICE=$5${X}\n"
      })
      const { get } = yield* Environment.load({ cwd }).pipe(exported({ EMPTY: "", KEY: "zero" }))
      const names = ["OPENAI_API_KEY", "X", "EMPTY", "LINES", "KEY", "KEY_1", "KEY_1_2", "KEY__X", "PRICE"]
      assert.deepStrictEqual(names.map(get), [
        "sk-1 # 2",
        "a=b",
        undefined,
        "a\nb",
        "zero",
        "one",
        "two",
        "odd",
        "$5${X}"
      ])
    }))

  it.effect("lets an exported variable that is empty count as not set, so that the file is heard", () =>
    Effect.gen(function*() {
      const cwd = yield* Folder.make({ ".env": "K=file\n" })
      const { get } = yield* Environment.load({ cwd }).pipe(exported({ K: "" }))
      assert.strictEqual(get("K"), "file")
    }))

  it.effect("passes over a folder called .env, a missing one, and PIPELEX_HOME in a file", () =>
    Effect.gen(function*() {
      const root = yield* Folder.make({ "a/.env/bin/python": "", "b/.env": "PIPELEX_HOME=/elsewhere\nK=1\n" })
      const { get } = yield* Environment.load({ cwd: `${root}/a`, home: `${root}/b` }).pipe(exported({}))
      assert.deepStrictEqual([get("PIPELEX_HOME"), get("K")], [undefined, "1"])
      assert.isUndefined((yield* Environment.load({}).pipe(exported({}))).get("K"))
    }))

  it.effect("shows no value when it is printed", () =>
    Effect.gen(function*() {
      const cwd = yield* Folder.make({ ".env": "K=hidden-value\n" })
      const environment = yield* Environment.load({ cwd }).pipe(exported({ L: "hidden-too" }))
      assert.notInclude(JSON.stringify(environment), "hidden")
    }))

  it.effect("chooses the overlays of PIPELEX_ENV from a .env as well", () =>
    Effect.gen(function*() {
      const root = yield* Folder.make({ "work/.env": "PIPELEX_ENV=prod\n", "home/.env": "RUN_MODE=ci_test\n" })
      const found = (variables: Readonly<Record<string, string>>) =>
        Locations.find(`${root}/work`).pipe(exported({ PIPELEX_HOME: `${root}/home`, ...variables }))
      const { environment, runMode } = yield* found({})
      assert.deepStrictEqual([environment, runMode], ["prod", "ci_test"])
      assert.strictEqual((yield* found({ PIPELEX_ENV: "staging" })).environment, "staging")
    }))
})
