import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { Buffer } from "node:buffer"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Queue from "../../../src/provider/fal/Queue.ts"
import * as Files from "../../../src/provider/Files.ts"
import * as Storage from "../../../src/storage/Storage.ts"
import * as Loopback from "../../document/Loopback.ts"
import { answer, bodyOf, context, job, paint, png, request, wire } from "../Painting.ts"

const services = Layer.provideMerge(
  Files.layer({ remote: { allowedAddresses: ["127.0.0.1"] } }),
  Layer.mergeAll(Storage.layerMemory, NodeServices.layer)
)

type Step = (response: ServerResponse, base: string) => void

const ok = (value: unknown): Step => (response) => answer(response, value)
const failed = (status: number, body: unknown = { detail: "no" }, headers = {}): Step => (response) =>
  answer(response, body, status, headers)

const jobs = "/fal-ai/fox/requests/r1"

const accepted: Step = (response, base) =>
  answer(response, {
    request_id: "r1",
    status_url: `${base}${jobs}/status`,
    response_url: `${base}${jobs}`,
    cancel_url: `${base}${jobs}/cancel`
  })

const pictures: Step = (response, base) =>
  answer(response, { images: [{ url: `${base}/files/a.png`, content_type: "image/png" }], seed: 1 })

interface Script {
  readonly submit?: ReadonlyArray<Step>
  readonly status?: ReadonlyArray<Step>
  readonly result?: ReadonlyArray<Step>
}

/** A queue that answers each kind of question in turn, the last answer for ever, and keeps what was submitted. */
const queue = Effect.fnUntraced(function*(script: Script = {}) {
  const bodies: Array<JsonObject> = []
  const keys: Array<IncomingMessage["headers"]> = []
  const asked = { submit: 0, status: 0, result: 0 }
  const steps: Required<Script> = {
    submit: [accepted],
    status: [ok({ status: "COMPLETED" })],
    result: [pictures],
    ...script
  }
  const next = (kind: keyof Script): Step => {
    const step = steps[kind][Math.min(asked[kind], steps[kind].length - 1)]
    asked[kind] += 1
    return step ?? ok({})
  }
  const server = yield* Loopback.serve((incoming, response) => {
    const base = `http://${incoming.headers.host}`
    keys.push(incoming.headers)
    const { method, url = "" } = incoming
    if (url.startsWith("/files/")) return void response.end(png(5))
    if (method === "PUT") return answer(response, { status: "CANCELLATION_REQUESTED" }, 202)
    if (method === "POST") {
      return void bodyOf(incoming).then((body) => {
        bodies.push(body)
        next("submit")(response, base)
      })
    }
    return next(url.endsWith("/status") ? "status" : "result")(response, base)
  })
  return { server, bodies, keys, adapter: Queue.make(context(server.url)) }
})

const asking = request({ wire: wire({ modelId: "fal-ai/fox/dev" }) })

const submissions = (server: Loopback.Loopback) => server.requests.filter((each) => each.startsWith("POST")).length

/** Runs the leaf on the queue's model. */
const drawn = (adapter: ReturnType<typeof Queue.make>) =>
  paint({ ...adapter, generate: (each) => adapter.generate({ ...each, wire: asking.wire }) }, job())

describe("fal's queue", () => {
  it.live("is given the job, asked until it is done, and asked for the answer, with the key each time", () =>
    Effect.gen(function*() {
      const { adapter, bodies, keys, server } = yield* queue({
        status: [
          ok({ status: "IN_QUEUE", queue_position: 1 }),
          ok({ status: "IN_PROGRESS" }),
          ok({ status: "COMPLETED" })
        ]
      })
      const reply = yield* adapter.generate({
        ...asking,
        negativePrompt: "rain",
        images: [
          { _tag: "Url", url: "https://x.test/a.png" },
          { _tag: "Bytes", base64: Buffer.from(png(1)).toString("base64"), mimeType: "image/png" }
        ],
        arguments: { num_images: 1, image_size: "square_hd", seed: 7 }
      })
      assert.deepStrictEqual(reply, {
        images: [{ _tag: "Url", url: `${server.url}/files/a.png`, mimeType: "image/png" }],
        units: {}
      })
      assert.deepStrictEqual(server.requests, [
        "POST /fal-ai/fox/dev",
        `GET ${jobs}/status`,
        `GET ${jobs}/status`,
        `GET ${jobs}/status`,
        `GET ${jobs}`
      ])
      assert.deepStrictEqual(bodies, [{
        prompt: "A fox",
        negative_prompt: "rain",
        num_images: 1,
        image_size: "square_hd",
        seed: 7,
        input_image: "https://x.test/a.png",
        input_image_2: `data:image/png;base64,${Buffer.from(png(1)).toString("base64")}`
      }])
      for (const headers of keys) {
        assert.deepStrictEqual([headers.authorization, headers["x-project-id"]], ["Key sk-secret", "p1"])
      }
    }))

  it.live("gives images that become artefacts", () =>
    Effect.gen(function*() {
      const { adapter } = yield* queue()
      const { value } = yield* drawn(adapter)
      const storage = yield* Storage.Storage
      assert.deepStrictEqual(Buffer.from(yield* storage.get(String(value[0]?.["url"]))), Buffer.from(png(5)))
    }).pipe(Effect.provide(services)))

  it.live("is asked again about a job after passing failures, without a second job", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* queue({
        status: [failed(502), ok({ status: "COMPLETED" })],
        result: [failed(503), pictures]
      })
      const { images } = yield* adapter.generate(asking)
      assert.deepStrictEqual([images.length, submissions(server), server.requests.length], [1, 1, 5])
    }))

  it.live("refuses what its checker blanked, unless the checker was turned off", () =>
    Effect.gen(function*() {
      const flagged: Step = (response, base) =>
        answer(response, { images: [{ url: `${base}/files/a.png` }], has_nsfw_concepts: [true] })
      const { adapter } = yield* queue({ result: [flagged] })
      assert.strictEqual((yield* adapter.generate(asking)).isRefused, true)
      const unchecked = { ...asking, arguments: { enable_safety_checker: false } }
      assert.isUndefined((yield* adapter.generate(unchecked)).isRefused)
    }))

  it.live("reads an answer of one image", () =>
    Effect.gen(function*() {
      const { adapter } = yield* queue({ result: [ok({ image: { url: "https://x.test/a.png" } })] })
      assert.deepStrictEqual((yield* adapter.generate(asking)).images, [{ _tag: "Url", url: "https://x.test/a.png" }])
    }))
})

describe("a job on fal's queue", () => {
  it.live("is submitted once where its outcome is not known", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* queue({ submit: [failed(500)] })
      const failure = yield* Effect.flip(drawn(adapter))
      assert.deepStrictEqual([failure.code, failure.category, server.requests.length], [
        "provider.outcome_unknown",
        "ambiguous",
        1
      ])
    }).pipe(Effect.provide(services)))

  it.live("is submitted again after a 429", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* queue({ submit: [failed(429, {}, { "retry-after": "0" }), accepted] })
      const { usage, value } = yield* drawn(adapter)
      assert.deepStrictEqual([value.length, usage.requests, submissions(server)], [1, 2, 2])
    }).pipe(Effect.provide(services)))

  const afterwards: ReadonlyArray<readonly [title: string, script: Script]> = [
    ["when its status cannot be had", { status: [failed(429)] }],
    ["when its status is refused", { status: [failed(401)] }],
    ["when its answer is always too early", { result: [failed(429)] }],
    ["when the receipt is not one", { submit: [ok({ id: 1 })] }],
    ["when the queue points to another host", {
      submit: [ok({ request_id: "r", status_url: "http://elsewhere.test/s", response_url: "http://elsewhere.test/r" })]
    }]
  ]
  it.live.each(afterwards)("is not submitted again %s", ([, script]) =>
    Effect.gen(function*() {
      const { adapter, server } = yield* queue(script)
      const failure = yield* Effect.flip(drawn(adapter))
      assert.deepStrictEqual([failure.code, failure.retryable, submissions(server)], [
        "provider.outcome_unknown",
        false,
        1
      ])
    }).pipe(Effect.provide(services)))

  it.live("tells why it failed, and never the key", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* queue({
        result: [
          failed(422, { detail: [{ msg: "blocked by safety system sk-secret", type: "content_policy_violation" }] })
        ]
      })
      const failure = yield* Effect.flip(drawn(adapter))
      assert.deepStrictEqual([failure.code, submissions(server)], ["model.content_refused", 1])
      assert.notInclude(JSON.stringify(failure), "sk-secret")
    }).pipe(Effect.provide(services)))

  it.live("is cancelled when nobody waits for it any more", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* queue({ status: [ok({ status: "IN_PROGRESS" })] })
      const fiber = yield* Effect.forkChild(adapter.generate(asking))
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => server.requests.length > 1 })
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(server.requests.at(-1), `PUT ${jobs}/cancel`)
    }))

  it.live("is cancelled when it takes too long, and its outcome is not known then", () =>
    Effect.gen(function*() {
      const { server } = yield* queue({ status: [ok({ status: "IN_PROGRESS" })] })
      const error = yield* Effect.flip(Queue.make(context(server.url, { requestTimeoutSeconds: 1 })).generate(asking))
      assert.strictEqual(error.kind, "timeout")
      assert.strictEqual(server.requests.at(-1), `PUT ${jobs}/cancel`)
    }))
})
