import { assert, it } from "@effect/vitest"
import * as PipelexToml from "../../src/config/PipelexToml.ts"
import * as SimulatedToml from "../../src/config/SimulatedToml.ts"

it("the simulated backend behaves as [simulated] says, and well where it says nothing", () => {
  assert.deepStrictEqual(SimulatedToml.options({}), {})
  const simulated = { latency_ms: 20, fail_with: "429", fail_every: 3, seed: 1 }
  assert.deepStrictEqual(PipelexToml.check({ simulated }), [])
  assert.deepStrictEqual(SimulatedToml.options({ simulated }), {
    latencyMillis: 20,
    failWith: "429",
    failEvery: 3,
    seed: 1
  })
})

it.each([{ latency_ms: -1 }, { fail_with: "418" }, { fail_every: 0 }, { seed: 0.5 }, { fail_wiht: "429" }])(
  "[simulated] %j is a fault",
  (simulated) => {
    assert.lengthOf(PipelexToml.check({ simulated }), 1)
  }
)
