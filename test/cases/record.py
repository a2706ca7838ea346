"""Records what the reference runtime makes of the cases in this folder: expected/*.json and verdict.json.

Needs the reference in a virtual environment and the recording tools of the shared corpus; nothing of this runtime.

    python3 test/cases/record.py --reference /path/to/venv --corpus ../shared/conformance [case ...]

A case whose case.json says "by": "reasoning" is left alone: its expected files were written by hand from the specification,
where the reference has no answer or one that the specification departs from.
"""
import argparse, json, os, pathlib, re, shutil, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent


def write(file, value):
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def structured(request):
    found = request["structured"]
    return found and {key: found.get(key) for key in ("mode", "name", "schema") if found.get(key) is not None}


def part(each, first):
    """Turns that a re-ask adds are worded by a library: only their place is kept."""
    return each if first and each["type"] != "raw" else {"type": "text", "reask": True}


def requests(tools, transcript):
    lines = [json.loads(line) for line in transcript.read_text().splitlines()] if transcript.exists() else []
    for line in lines:
        request = tools.normalise(line["path"], line["body"])
        users = [message for message in request["messages"] if message["role"] == "user"]
        yield {
            "api": request["api"],
            "model": request["model"],
            "system": request["system"],
            "messages": [{"role": "user", "parts": [part(each, index == 0) for each in message["parts"]]} for index, message in enumerate(users)],
            "structured": structured(request),
            **{key: request.get(key) for key in ("max_tokens", "temperature", "other")},
            "prompt_sha256": tools.sha(tools.prompt_text(request)),
            "reply": line["reply"],
        }


def read(file):
    """Stored files lie under a scratch home: kept as what they are."""
    return re.sub(r"(?:file://)?/[^\s\"]*/\.pipelex/storage/", "storage:/", file.read_text())


def output(folder):
    memory = json.loads(read(folder / "working_memory.json"))
    root = {name: {"concept": stuff["concept"], "content": stuff["content"]} for name, stuff in memory["root"].items()}
    absences = {
        name: absence for name, absence in (memory.get("absences") or {}).items()
    }
    name = memory["aliases"].get("main_stuff", "main_stuff")
    main = root.get(name)
    found = {
        "main_stuff_name": name,
        "memory": {"root": root, "aliases": memory["aliases"], **({"absences": absences} if absences else {})},
        "main": main or {"absent": True},
    }
    if main:
        found["main_rendered"] = {
            "json": json.loads(read(folder / "main_stuff.json")),
            "markdown": read(folder / "main_stuff.md"),
        }
    return found


def located(each):
    """The code and the place of a fault, without the scratch file it was read from."""
    location = {key: value for key, value in each.get("location", {}).items() if "/" not in str(value)}
    return {"code": each["code"], "location": location}


def outcome(stderr):
    problem = json.loads(stderr)
    facts = problem.get("diagnostics") or {}
    errors = [located(each) for each in problem.get("errors") or []]
    return {
        "status": "error",
        "code": problem["code"],
        "retryable": problem["retry"] == "yes",
        "user_action": None,
        "model": facts.get("model"),
        "provider": (facts.get("provider") or {}).get("name"),
        "problem": {"code": problem["code"], "location": problem.get("location"), "errors": errors},
    }


def run(case, target, options, environment):
    settings = json.loads((case / "case.json").read_text())
    pipe = ["--pipe", settings["pipe"]] if "pipe" in settings else []
    place = pathlib.Path(environment["HOME"])
    transcript, results = place / "transcript.jsonl", place / "results"
    for old in (transcript,):
        old.unlink(missing_ok=True)
    shutil.rmtree(results, ignore_errors=True)
    script = ["--script", str(case / "script.json")] if (case / "script.json").exists() else []
    server = subprocess.Popen([sys.executable, str(options.corpus / "tools/fake_provider.py"), "--port", "7400", "--transcript", str(transcript), *script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    try:
        bin = options.reference / "bin"
        command = [str(bin / "pipelex"), "run", "bundle", str(target), "-i", str(case / "inputs.json"), "-o", str(results), "--no-graph", "--no-pretty-print", *pipe]
        done = subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, timeout=120)
        sent = list(requests(options.tools, transcript))
        if done.returncode != 0:
            agent = [str(bin / "pipelex-agent"), "run", "bundle", str(target), "-i", str(case / "inputs.json"), "--format", "json", "--error-format", "json", *pipe]
            again = subprocess.run(agent, env=environment, cwd=place, capture_output=True, text=True, timeout=120)
            write(case / "expected/outcome.json", outcome(again.stderr))
        else:
            write(case / "expected/outcome.json", {"status": "ok"})
            write(case / "expected/output.json", output(next(results.iterdir())))
    finally:
        server.terminate()
        server.wait()
    order = settings.get("order", "sequence")
    write(case / "expected/requests.json", {"order": order, "requests": sorted(sent, key=lambda each: each["prompt_sha256"]) if order == "set" else sent})


def validate(case, target, options, environment):
    command = [str(options.reference / "bin/pipelex-agent"), "validate", "bundle", str(target), "--format", "json", "--error-format", "json"]
    done = subprocess.run(command, env=environment, cwd=environment["HOME"], capture_output=True, text=True, timeout=120)
    verdict = json.loads(done.stdout or done.stderr)
    if verdict["is_valid"]:
        write(case / "verdict.json", {key: verdict[key] for key in ("is_valid", "is_runnable", "pending_signatures", "warnings")})
    else:
        errors = [located(each) for each in verdict.get("errors", [])]
        write(case / "verdict.json", {"is_valid": False, "code": verdict["code"], "problem_errors": errors})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", type=pathlib.Path, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--cases-folder", type=pathlib.Path, default=HERE)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    options.corpus = options.corpus.resolve()
    sys.path.insert(0, str(options.corpus / "tools"))
    import fake_provider
    options.tools = fake_provider
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(HERE / "config", pathlib.Path(home, ".pipelex"))
        environment = {**os.environ, "HOME": home, "DO_NOT_TRACK": "1", "PIPELEX_NO_DECK_NOTICE": "1"}
        for kind, record in (("runs", run), ("validation", validate)):
            folder = options.cases_folder.resolve() / kind
            for case in sorted(folder.iterdir()) if folder.exists() else []:
                settings = json.loads((case / "case.json").read_text())
                if settings.get("by") == "reasoning" or (options.cases and case.name not in options.cases):
                    continue
                copy = pathlib.Path(home, case.name)
                copy.mkdir()
                for bundle in settings["bundles"]:
                    shutil.copy(case / bundle, copy)
                record(case, copy if len(settings["bundles"]) > 1 else copy / settings["bundles"][0], options, environment)
                print(case.name)


if __name__ == "__main__":
    main()
