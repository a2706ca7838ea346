import type { Edge, GraphSpec, Io, Node } from "./Graph.ts"

/** A graph as a Mermaid flowchart: a subgraph per controller, a box per operator, a rounded box per value the run was given. */
export interface Options {
  readonly direction?: "left_to_right" | "top_down"
  readonly data?: boolean
  readonly contains?: boolean
  readonly selectedOutcome?: boolean
  readonly stuffCodes?: boolean
  readonly subgraphs?: boolean
}

/** Within quotes everything is text, except the quote itself, entities, and what the browser or Markdown would read. */
const label = (text: string): string => {
  const safe = text.replace(/\p{Cc}+/gu, " ").replace(/[#"<>&`\\]/g, (mark) => `#${mark.charCodeAt(0)};`).trim()
  return `"${safe === "" ? " " : safe}"`
}

const short = (concept: string): string => concept.slice(concept.lastIndexOf(".") + 1)

const indent = (depth: number): string => "  ".repeat(depth)

interface Tree {
  readonly ids: ReadonlyMap<string, string>
  readonly children: ReadonlyMap<string, ReadonlyArray<Node>>
  readonly roots: ReadonlyArray<Node>
}

const treeOf = ({ edges, nodes }: GraphSpec): Tree => {
  const parents = new Map(edges.filter(({ kind }) => kind === "contains").map(({ source, target }) => [target, source]))
  const children = new Map<string, Array<Node>>()
  for (const node of nodes) {
    const parent = parents.get(node.id)
    if (parent === undefined) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [node])
    else siblings.push(node)
  }
  return {
    ids: new Map(nodes.map(({ id }, index) => [id, `n${index}`])),
    children,
    roots: nodes.filter(({ id }) => !parents.has(id))
  }
}

const caption = ({ pipe_code: code, pipe_type: type }: Node): string => label(`${type}: ${code}`)

const draw = (node: Node, tree: Tree, depth: number, subgraphs: boolean): ReadonlyArray<string> => {
  const id = tree.ids.get(node.id) ?? "n"
  const inside = tree.children.get(node.id) ?? []
  const inner = inside.flatMap((child) => draw(child, tree, subgraphs ? depth + 1 : depth, subgraphs))
  return inside.length === 0 || !subgraphs
    ? [`${indent(depth)}${id}[${caption(node)}]:::${node.status}`, ...inner]
    : [`${indent(depth)}subgraph ${id}[${caption(node)}]`, ...inner, `${indent(depth)}end`]
}

/** Values that no pipe of the run made, with those who read them innermost. */
const given = (
  { edges, nodes }: GraphSpec,
  tree: Tree
): ReadonlyArray<{ readonly io: Io; readonly readers: ReadonlyArray<string> }> => {
  const made = new Set(nodes.flatMap(({ io }) => io.outputs.map(({ stuff_code: code }) => code)))
  const entry = new Set(tree.roots.flatMap(({ io }) => io.inputs.map(({ stuff_code: code }) => code)))
  const inside = new Map(edges.filter(({ kind }) => kind === "contains").map(({ source, target }) => [target, source]))
  const found = new Map<string, { readonly io: Io; readonly readers: Array<string> }>()
  for (const node of nodes) {
    for (const io of node.io.inputs) {
      if (made.has(io.stuff_code) || !entry.has(io.stuff_code)) continue
      const value = found.get(io.stuff_code) ?? { io, readers: [] }
      found.set(io.stuff_code, value)
      value.readers.push(node.id)
    }
  }
  return Array.from(found.values(), ({ io, readers }) => {
    const callers = new Set(readers.map((id) => inside.get(id)))
    return { io, readers: readers.filter((id) => !callers.has(id)) }
  })
}

const arrows: { readonly [Kind in Edge["kind"]]: string } = { contains: "-.-", data: "-->", selected_outcome: "==>" }

const link = (source: string, kind: Edge["kind"], target: string, text?: string): string =>
  `  ${source} ${arrows[kind]}${text === undefined ? "" : `|${label(text)}|`} ${target}`

export const render = (graph: GraphSpec, options: Options = {}): string => {
  const tree = treeOf(graph)
  const shown: { readonly [Kind in Edge["kind"]]: boolean } = {
    data: options.data ?? true,
    contains: options.contains ?? false,
    selected_outcome: options.selectedOutcome ?? true
  }
  const subgraphs = options.subgraphs ?? true
  // a subgraph may not be joined to what it holds
  const isNested = ({ source, target }: Edge): boolean =>
    subgraphs && (target.startsWith(`${source}/`) || source.startsWith(`${target}/`))
  const drawn = graph.edges.filter((edge) => shown[edge.kind] && !isNested(edge))
  const values = shown.data ? given(graph, tree) : []
  const lines = [
    `flowchart ${options.direction === "top_down" ? "TD" : "LR"}`,
    ...values.map(({ io }, index) =>
      `  v${index}([${
        label(
          `${io.name}: ${short(io.concept)}${io.plural ? "[]" : ""}${
            options.stuffCodes === true ? ` ${io.stuff_code}` : ""
          }`
        )
      }])`
    ),
    ...tree.roots.flatMap((node) => draw(node, tree, 1, subgraphs)),
    ...values.flatMap(({ readers }, index) => readers.map((id) => link(`v${index}`, "data", tree.ids.get(id) ?? "n"))),
    ...drawn.map((edge) =>
      link(tree.ids.get(edge.source) ?? "n", edge.kind, tree.ids.get(edge.target) ?? "n", edge.label)
    ),
    "  classDef succeeded stroke:#2e7d32",
    "  classDef failed stroke:#c62828,stroke-width:3px",
    "  classDef skipped stroke-dasharray:4 4",
    "  classDef canceled stroke:#9e9e9e,stroke-dasharray:2 4"
  ]
  return `${lines.join("\n")}\n`
}
