import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A method of one step in a folder whose configuration has one model, spoken to over Chat Completions. */
export interface Written {
  readonly folder: string
  /** The variable that the configuration asks for. */
  readonly key: Readonly<Record<string, string>>
}

const files = (base: string): Readonly<Record<string, string>> => ({
  "one.mthds": `domain = "bench"
main_pipe = "answer"

[pipe.answer]
type = "PipeLLM"
description = "Answer"
inputs = { text = "Text" }
output = "Text"
prompt = "$text"
`,
  ".pipelex/inference/backends.toml": `[openai]\nendpoint = "${base}/l0/v1"\napi_key = "\${BENCH_KEY}"\n`,
  ".pipelex/inference/backends/openai.toml":
    "[defaults]\nsdk = \"openai\"\ninputs = [\"text\"]\noutputs = [\"text\", \"structured\"]\n[gpt-4o-mini]\n",
  ".pipelex/inference/routing_profiles.toml":
    "active = \"all\"\n[profiles.all]\ndescription = \"All\"\ndefault = \"openai\"\n",
  ".pipelex/inference/deck/llm.toml":
    "[llm.choice_defaults]\ndefault_temperature = 1\nfor_text = \"gpt-4o-mini\"\nfor_object = \"gpt-4o-mini\"\n"
})

export const write = (base: string): Written => {
  const folder = mkdtempSync(join(tmpdir(), "pipelex-bench-"))
  mkdirSync(join(folder, ".pipelex", "inference", "backends"), { recursive: true })
  mkdirSync(join(folder, ".pipelex", "inference", "deck"))
  for (const [name, text] of Object.entries(files(base))) writeFileSync(join(folder, name), text)
  return { folder, key: { BENCH_KEY: "x" } }
}
