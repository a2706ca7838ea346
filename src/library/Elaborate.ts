import type { Bundle } from "../bundle/Bundle.ts"
import type { Issue } from "../failure/Issue.ts"
import type * as Pipe from "../pipe/Pipe.ts"
import * as PipeLLM from "../pipe/PipeLLM.ts"
import * as PipeSequence from "../pipe/PipeSequence.ts"
import * as PipeStructure from "../pipe/PipeStructure.ts"

/** A PipeLLM that drafts a text before it is structured stands for three pipes. */
const expand = (code: string, pipe: PipeLLM.Blueprint): ReadonlyArray<readonly [string, Pipe.Blueprint]> => {
  const { model, model_to_structure: structuring, structuring_method: _, ...rest } = pipe
  const draft = `${code}__draft_text`
  const structure = `${code}__structure`
  const { description, inputs, output } = pipe
  const structureModel = structuring ?? model
  return [
    [
      code,
      new PipeSequence.Blueprint({
        description,
        inputs,
        output,
        steps: [{ pipe: draft, result: "draft_text" }, { pipe: structure, result: code }]
      })
    ],
    [draft, new PipeLLM.Blueprint({ ...rest, output: "Text", ...(model === undefined ? {} : { model }) })],
    [
      structure,
      new PipeStructure.Blueprint({
        description,
        inputs: { draft_text: "Text" },
        output,
        ...(structureModel === undefined ? {} : { model: structureModel })
      })
    ]
  ]
}

/** Rewrites `structuring_method = "preliminary_text"` into the sequence it stands for. */
export const elaborate = (bundle: Bundle, issues: Array<Issue>): Bundle => {
  const pipes = new Map<string, Pipe.Blueprint>()
  for (const [code, pipe] of bundle.pipes) {
    if (!(pipe instanceof PipeLLM.Blueprint) || !PipeLLM.draftsFirst(pipe)) {
      pipes.set(code, pipe)
      continue
    }
    for (const [name, blueprint] of expand(code, pipe)) {
      if (name !== code && (bundle.pipes.has(name) || bundle.broken.has(name))) {
        issues.push({
          code: "method.name_conflict",
          path: ["pipe", name],
          pipe: name,
          file: bundle.file,
          message: `"${name}" is taken: pipe "${code}" needs it for its preliminary text`,
          names: [name]
        })
      } else pipes.set(name, blueprint)
    }
  }
  return { ...bundle, pipes }
}
