import process from "node:process"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests talk to real processes and sockets, on machines that others use too. A fault shows every time; a hiccup does not.
    retry: process.env["CI"] === undefined ? 0 : 2,
    globalSetup: ["test/temporal/ServerSetup.ts"],
    // Two workers: the machines that run this have two cores.
    maxWorkers: 2
  },
  resolve: { conditions: ["development"] }
})
