import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    globalSetup: ["test/temporal/ServerSetup.ts"],
    // Two workers: the machines that run this have two cores.
    maxWorkers: 2
  },
  resolve: { conditions: ["development"] }
})
