import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A folder with a method of one step, and a configuration of one model that is spoken to over Chat Completions. */
export interface Asked {
  readonly base: string
  /** Milliseconds that the provider takes. */
  readonly delay?: number
  readonly concurrency?: number
}

/** The variable that the configuration asks for. */
export const key = "BENCH_KEY"

const files = ({ base, concurrency = 8, delay = 0 }: Asked): Readonly<Record<string, string>> => ({
  "one.mthds": `domain = "bench"
main_pipe = "answer"

[pipe.answer]
type = "PipeLLM"
description = "Answer"
inputs = { text = "Text" }
output = "Text"
prompt = "$text"
`,
  ".pipelex/pipelex.toml":
    `[pipelex.pipeline_execution_config]\nmax_concurrency = ${concurrency}\n[cogt.llm_config]\nis_structure_prompt_enabled = false\n`,
  ".pipelex/inference/backends.toml": `[openai]\nendpoint = "${base}/l${delay}/v1"\napi_key = "\${${key}}"\n`,
  ".pipelex/inference/backends/openai.toml":
    "[defaults]\nsdk = \"openai\"\ninputs = [\"text\"]\noutputs = [\"text\", \"structured\"]\nstructure_method = \"instructor/json_schema\"\n[gpt-4o-mini]\n",
  ".pipelex/inference/routing_profiles.toml":
    "active = \"all\"\n[profiles.all]\ndescription = \"All\"\ndefault = \"openai\"\n",
  ".pipelex/inference/deck/llm.toml":
    "[llm.choice_defaults]\ndefault_temperature = 1\nfor_text = \"gpt-4o-mini\"\nfor_object = \"gpt-4o-mini\"\n"
})

/** Writes it to a folder of its own. */
export const write = (asked: Asked): string => {
  const folder = mkdtempSync(join(tmpdir(), "pipelex-bench-"))
  for (const [name, text] of Object.entries(files(asked))) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}
