import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker"
import { createRequire } from "node:module"

/** Options of the SDK's own hook, of which nothing else is needed here. */
type Hook = NonNullable<Parameters<typeof bundleWorkflowCode>[0]["webpackConfigHook"]>

/** The oldest Node that is supported understands it; what is older makes tables of every class of characters in a pattern. */
const target = "es2024"

const compiled = {
  test: /\.ts$/,
  exclude: /node_modules/,
  use: {
    loader: createRequire(import.meta.resolve("@temporalio/worker")).resolve("swc-loader"),
    options: { jsc: { target, parser: { syntax: "typescript" } } }
  }
}

/** Minified: it is half as large, and is compiled in half the time. */
const production: Hook = (config) => ({
  ...config,
  mode: "production",
  target: ["web", target],
  devtool: false,
  module: { ...config.module, rules: [compiled] }
})

/** A worker refuses code without a map inside it. A true one is twice as large as the code, and no stack of a workflow is ever shown. */
const emptyMap = `//# sourceMappingURL=data:application/json;base64,${
  btoa(JSON.stringify({ version: 3, sources: [], names: [], mappings: "" }))
}`

/** Where the SDK's bundler keeps modules: in a table that the isolate has anew for every workflow. */
const perWorkflow = "globalThis.__webpack_module_cache__"

/**
 * Modules of ours and of `effect` are evaluated once, when the isolate is made, and not for every workflow again: that took 8 ms and 2 MB
 * of each. They may be shared since none of them keeps anything of a run: what they remember is held by the objects it is about. The SDK's
 * own modules stay where it wants them; they are those that are asked for before the bundle has come to its end.
 */
const once = (code: string): string => {
  const parts = code.split(perWorkflow)
  if (parts.length !== 2) throw new Error(`the bundle has ${parts.length - 1} tables of modules in place of one`)
  const table = `((theirs, ours) => new Proxy(ours, {
  get: (_, id) => ours[id] ?? theirs[id],
  set: (_, id, module) => Reflect.set(__TEMPORAL__ === undefined ? theirs : ours, id, module)
}))(${perWorkflow}, {})`
  return `${parts.join(table)}\n__TEMPORAL__.importWorkflows();`
}

/**
 * What the language has, and nobody replaces. In the context that workflows run in, a name that is looked up in the global object costs a
 * call out of the engine each time; as a parameter of the bundle it costs nothing. What the SDK replaces is not among them: time, timers,
 * weak references. It replaces `Math.random`, which is `Math`'s own.
 */
const builtIn =
  "Object,Array,Map,Set,WeakMap,WeakSet,Symbol,String,Number,Boolean,BigInt,RegExp,Error,TypeError,RangeError,Function,Reflect,Proxy,JSON,Math,Uint8Array,ArrayBuffer,DataView,Promise,isNaN,parseInt"

const bundleStart = "var __TEMPORAL__;(()=>{"
const bundleEnd = "})();"

const closed = (code: string): string => {
  const trimmed = code.trimEnd()
  const start = trimmed.indexOf(bundleStart)
  if (start < 0 || !trimmed.endsWith(bundleEnd)) throw new Error("the bundle is not one function that is called")
  const body = trimmed.slice(start + bundleStart.length, -bundleEnd.length)
  return `${trimmed.slice(0, start)}var __TEMPORAL__;((${builtIn})=>{${body}})(${builtIn});`
}

/** The SDK notes for every promise where it was made. Without names and places, which an empty map cannot give, that is work for nothing. */
const withoutStacks = "Error.stackTraceLimit = 0;"

/**
 * To learn whose a promise is, the SDK compiles a line of code through the promise's own realm, up to three times for each promise. It is
 * the same two lines every time, so the realm has them compiled; any other line is compiled as ever.
 */
const compiledOnce = `{
  const compile = Function
  const known = new Map(["return globalThis.__TEMPORAL_ACTIVATOR__", "return globalThis.Error"].map((line) => [line, compile(line)]))
  Object.defineProperty(Promise, "constructor", { value: (line) => known.get(line) ?? compile(line) })
}`

/** The code that a workflow isolate loads, made of a module that exports workflows. Takes a while, and the SDK's bundler. */
export const build = async (workflows: string): Promise<string> => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflows,
    logger: new DefaultLogger("WARN"),
    webpackConfigHook: production
  })
  return `${withoutStacks}\n${compiledOnce}\n${once(closed(code))}\n${emptyMap}\n`
}
