import * as Rules from "../source/Rules.ts"

/** The keys of `[pipelex.pipeline_execution_config.graph_config]`: what a run's graph files hold, and how they look. */
const { flag, number, oneOf, table, text } = Rules

const above0 = number("a number above 0", (value) => value > 0)
const name = text("a name", (value) => value.trim() !== "")
const flags = (...keys: ReadonlyArray<string>): Rules.Rule => table(Object.fromEntries(keys.map((key) => [key, flag])))

export const rule: Rules.Rule = table({
  data_inclusion: flags(
    "stuff_json_content",
    "stuff_text_content",
    "stuff_html_content",
    "error_stack_traces",
    "pipe_and_concept_registry"
  ),
  graphs_inclusion: flags("graphspec_json", "mermaidflow_mmd", "mermaidflow_html", "reactflow_html"),
  mermaid_config: table({
    direction: oneOf("left_to_right", "top_down"),
    is_include_data_edges: flag,
    is_include_contains_edges: flag,
    is_include_selected_outcome_edges: flag,
    is_show_stuff_codes: flag,
    style: table({ theme: name })
  }),
  reactflow_config: table({
    is_use_cdn: flag,
    layout_direction: oneOf("left_to_right", "top_down"),
    nodesep: above0,
    ranksep: above0,
    edge_type: name,
    initial_zoom: above0,
    pan_to_top: flag,
    default_title: text(),
    show_batch_controller: flag,
    style: table({ theme: name, palette: name })
  })
})
