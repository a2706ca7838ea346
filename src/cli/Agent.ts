#!/usr/bin/env node
import { start } from "./Start.ts"

await start("pipelex-agent", () => import("./PipelexAgent.ts"))
