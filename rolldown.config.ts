import type { InputOptions, OutputOptions } from "rolldown"

/**
 * The two programs, split where `import()` says so: each command loads what it needs. The worker that reads PDFs is a program of its own,
 * and lies beside the chunks because it is found from the module that starts it.
 */
const config: InputOptions & { readonly output: OutputOptions } = {
  input: {
    pipelex: "src/cli/Main.ts",
    "pipelex-agent": "src/cli/Agent.ts",
    PdfWorker: "src/document/PdfWorker.ts"
  },
  platform: "node",
  external: [/^@hyzyla\/pdfium/, /^@temporalio\//],
  output: {
    dir: "dist",
    format: "esm",
    minify: true,
    // Errors of SDKs are told apart by the names of their classes.
    keepNames: true,
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name]-[hash].js"
  }
}

export default config
