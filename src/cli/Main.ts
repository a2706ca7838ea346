#!/usr/bin/env node
import { start } from "./Start.ts"

await start("pipelex", () => import("./Pipelex.ts"))
