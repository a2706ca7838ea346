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

/** Minified: the isolate evaluates all of it again for every workflow, and minified that costs less than half. */
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

/** The code that a workflow isolate loads, made of a module that exports workflows. Takes a while, and the SDK's bundler. */
export const build = async (workflows: string): Promise<string> => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflows,
    logger: new DefaultLogger("WARN"),
    webpackConfigHook: production
  })
  return `${code}\n${emptyMap}\n`
}
