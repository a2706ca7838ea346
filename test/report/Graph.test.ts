import { assert, describe, it } from "@effect/vitest"
import * as PipePath from "../../src/program/PipePath.ts"
import * as Graph from "../../src/report/Graph.ts"
import * as Mermaid from "../../src/report/Mermaid.ts"
import * as RunRecord from "../../src/report/RunRecord.ts"
import { rateLimited } from "../failure/Failures.ts"
import { failed, finished, mark, prices, sequence, started } from "./Events.ts"

const graph = Graph.make(sequence, { runId: "run-1", ref: "lab.pitch_and_review", prices, meta: { runtime: "test" } })
const at = (...events: ReadonlyArray<RunRecord.TimedEvent["event"]>): ReadonlyArray<RunRecord.TimedEvent> =>
  events.map((event, index) => ({ at: index, event }))

/** What of Mermaid's flowchart grammar is used: every line is one of these, subgraphs are closed, and every id is declared. */
const check = (text: string): void => {
  const label = "\"[^\"<>`&\\n]+\""
  const forms = [
    /^flowchart (LR|TD)$/,
    new RegExp(`^\\s+subgraph n\\d+\\[${label}\\]$`),
    /^\s+end$/,
    new RegExp(`^\\s+n\\d+\\[${label}\\]:::(succeeded|failed|skipped|canceled)$`),
    new RegExp(`^\\s+v\\d+\\(\\[${label}\\]\\)$`),
    new RegExp(`^\\s+[nv]\\d+ (-->|-\\.-|==>)(\\|${label}\\|)? n\\d+$`),
    /^\s+classDef \w+ [\w:#,\- ]+$/
  ]
  const lines = text.trimEnd().split("\n")
  for (const line of lines) assert.isTrue(forms.some((form) => form.test(line)), line)
  assert.strictEqual(
    lines.filter((line) => /^\s+subgraph /.test(line)).length,
    lines.filter((line) => /^\s+end$/.test(line)).length
  )
  const declared = new Set(Array.from(text.matchAll(/^\s+(?:subgraph )?([nv]\d+)[[(]/gm), ([, id]) => id))
  for (const [, source, target] of text.matchAll(/^\s+([nv]\d+) [-=][^ ]*(?:\|"[^"]*"\|)? (n\d+)$/gm)) {
    assert.isTrue(declared.has(source) && declared.has(target))
  }
}

describe("Graph", () => {
  it("holds what ran, under what, and where each value went", () => {
    assert.deepStrictEqual(graph.nodes.map(({ kind, path, pipe_type, status }) => [path, kind, pipe_type, status]), [
      ["pitch_and_review", "controller", "PipeSequence", "succeeded"],
      ["pitch_and_review/0-write_pitch", "operator", "PipeLLM", "succeeded"],
      ["pitch_and_review/1-review", "operator", "PipeCompose", "succeeded"]
    ])
    assert.deepStrictEqual<unknown>(graph.edges, [
      {
        id: "edge_0",
        source: "pitch_and_review",
        target: "pitch_and_review/0-write_pitch",
        kind: "contains",
        optional: false
      },
      {
        id: "edge_1",
        source: "pitch_and_review",
        target: "pitch_and_review/1-review",
        kind: "contains",
        optional: false
      },
      {
        id: "edge_2",
        source: "pitch_and_review/0-write_pitch",
        target: "pitch_and_review/1-review",
        kind: "data",
        label: "pitch",
        optional: false
      }
    ])
    assert.deepStrictEqual<unknown>(graph.nodes[1], {
      id: "pitch_and_review/0-write_pitch",
      path: "pitch_and_review/0-write_pitch",
      kind: "operator",
      pipe_code: "write_pitch",
      pipe_type: "PipeLLM",
      description: "About write_pitch",
      domain_code: "lab",
      status: "succeeded",
      timing: { started_at: "2023-11-14T22:13:20.010Z", ended_at: "2023-11-14T22:13:21.020Z", duration: 1.01 },
      io: {
        inputs: [{ name: "product", concept: "lab.Text", plural: false, stuff_code: "aaaaa" }],
        outputs: [{ name: "pitch", concept: "lab.Pitch", plural: false, stuff_code: "bbbbb" }]
      },
      usage: [{
        model_type: "llm",
        inference_model_name: "gpt-4o-mini",
        inference_model_id: null,
        backend: "openai",
        pipe_code: "write_pitch",
        job_category: "act_llm_gen_text",
        unit_job_id: "pitch_and_review/0-write_pitch#0",
        nb_tokens_by_category: { input: 120, output: 45 },
        requests: 1,
        cost: 0.000045,
        started_at: "2023-11-14T22:13:20.020Z",
        completed_at: "2023-11-14T22:13:20.704Z"
      }]
    })
    assert.deepStrictEqual([graph.graph_id, graph.pipeline_ref, graph.created_at], [
      "run-1",
      "lab.pitch_and_review",
      "2023-11-14T22:13:20.000Z"
    ])
    assert.deepStrictEqual(Object.keys(graph.concept_registry), ["lab.Pitch", "lab.Review", "lab.Text"])
    assert.deepStrictEqual(Object.keys(graph.pipe_registry), ["lab.pitch_and_review", "lab.write_pitch", "lab.review"])
  })

  it("tells failed, skipped and interrupted pipes apart, and a condition's choice", () => {
    const route = PipePath.entry({ code: "route", ref: "route" })
    const chosen = PipePath.child(route, { code: "tell", ref: "tell" }, 0)
    const { edges, nodes } = Graph.make(
      at(
        started(route, "PipeCondition", "lab.Text"),
        started(chosen, "PipeLLM", "lab.Text"),
        failed(chosen, "PipeLLM", rateLimited)
      ),
      { runId: "r", ref: "lab.route" }
    )
    assert.deepStrictEqual(nodes.map(({ error, status }) => [status, error?.code]), [["canceled", undefined], [
      "failed",
      "provider.rate_limited"
    ]])
    assert.deepStrictEqual(edges.map(({ kind, label }) => [kind, label]), [["contains", undefined], [
      "selected_outcome",
      "tell"
    ]])
    const skipped = Graph.make(at(started(route, "PipeLLM", "lab.Text"), finished(route, "PipeLLM", undefined, true)), {
      runId: "r",
      ref: "x"
    })
    assert.strictEqual(skipped.nodes[0]?.status, "skipped")
  })

  it("a batch reads the list and makes the list, its items read the items", () => {
    const whole = PipePath.entry({ code: "whole", ref: "whole" })
    const split = PipePath.child(whole, { code: "split", ref: "split" }, 0)
    const all = PipePath.child(whole, { code: "all", ref: "all" }, 1)
    const one = PipePath.child(all, { code: "one", ref: "one" }, 0)
    const join = PipePath.child(whole, { code: "join", ref: "join" }, 2)
    const list = mark("topics", "L", "lab.Topic", true)
    const made = mark("notes", "N", "lab.Note", true)
    const { edges } = Graph.make(
      at(
        started(whole, "PipeSequence", "lab.Text"),
        started(split, "PipeLLM", "lab.Topic[]"),
        finished(split, "PipeLLM", list),
        started(all, "PipeBatch", "lab.Note[]", list),
        started(one, "PipeLLM", "lab.Note", mark("topic", "I0", "lab.Topic")),
        finished(one, "PipeLLM", mark("note", "O0", "lab.Note")),
        finished(all, "PipeBatch", made),
        started(join, "PipeLLM", "lab.Text", made),
        finished(join, "PipeLLM", mark("text", "T")),
        finished(whole, "PipeSequence", mark("text", "T"))
      ),
      { runId: "r", ref: "lab.whole" }
    )
    assert.deepStrictEqual(
      edges.filter(({ kind }) => kind === "data").map(({ label, source, target }) => [source, label, target]),
      [["whole/0-split", "topics", "whole/1-all"], ["whole/1-all", "notes", "whole/2-join"]]
    )
  })

  it("a trace line is one line of JSON and carries a failure as its report", () => {
    const line = RunRecord.line({
      at: 0,
      event: failed(PipePath.entry({ code: "p", ref: "p" }), "PipeLLM", rateLimited)
    }, "run-1")
    assert.notInclude(line, "\n")
    const read: unknown = JSON.parse(line)
    assert.propertyVal(read, "event", "PipeFailed")
    assert.propertyVal(read, "path", "p")
    assert.nestedPropertyVal(read, "failure.pipeline_run_id", "run-1")
  })
})

describe("Mermaid", () => {
  it("draws a subgraph per controller, a box per operator and the values that were given", () => {
    assert.strictEqual(
      Mermaid.render(graph).split("\n").filter((line) => !line.includes("classDef")).join("\n"),
      `flowchart LR
  v0(["product: Text"])
  subgraph n0["PipeSequence: pitch_and_review"]
    n1["PipeLLM: write_pitch"]:::succeeded
    n2["PipeCompose: review"]:::succeeded
  end
  v0 --> n1
  n1 -->|"pitch"| n2
`
    )
    check(Mermaid.render(graph))
    check(Mermaid.render(graph, { direction: "top_down", contains: true, subgraphs: false, stuffCodes: true }))
  })

  it("no name can break out of its label", () => {
    const odd = PipePath.entry({ code: "a\"] --> x; end <script>\n`b` #quot; & \\", ref: "lab.a" })
    const text = Mermaid.render(
      Graph.make(at(started(odd, "PipeLLM", "lab.Text", mark("in\"put", "I"))), { runId: "r", ref: "x" })
    )
    check(text)
    assert.include(text, "a#34;] --#62; x; end #60;script#62; #96;b#96; #35;quot; #38; #92;")
  })

  it("a controller that ran nothing is a box, and the run's failed pipes stand out", () => {
    const alone = PipePath.entry({ code: "alone", ref: "alone" })
    check(
      Mermaid.render(
        Graph.make(at(started(alone, "PipeSequence", "lab.Text"), failed(alone, "PipeSequence", rateLimited)), {
          runId: "r",
          ref: "x"
        })
      )
    )
    check(Mermaid.render(Graph.make([], { runId: "r", ref: "x" })))
  })
})
