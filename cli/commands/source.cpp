#include "advisor/source/module.h"
#include "base/files.h"
#include "base/units.h"
#include "cli/commands/command.h"
#include "cli/text/source_text.h"
#include "cli/version.h"

#include <dlfcn.h>

#include <algorithm>
#include <map>

namespace ridgeline::cli {
namespace {

namespace fs = std::filesystem;

enum class SourceFormat { Text, Json, Markdown, Sarif };

struct Arguments {
  source::Options options;
  source::ProveOptions prove;
  bool fix = false, listChecks = false;
  fs::path patch, output;
  int top = 20;
  SourceFormat format = SourceFormat::Text;
  ProgressStyle progress = ProgressStyle::Auto;
  std::string checks;
};

// The module lies beside the program's libraries: in the build folder, or where it was installed.
Result<const source::ModuleApi*> loadModule() {
  std::error_code ec;
  const auto bin = fs::canonical("/proc/self/exe", ec).parent_path();
  for (const auto& folder :
       {bin / ".." / "lib", bin / ".." / "lib" / "ridgeline", bin / ".." / "lib64" / "ridgeline", bin}) {
    const auto file = folder / source::kModuleFile;
    if (!fs::exists(file, ec)) continue;
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      const char* why = ::dlerror();
      return unavailable(fmt::format("the source advisor cannot be loaded: {}", why ? why : "no reason given"),
                         "it needs LLVM and Clang 19's libraries (libclang-cpp19)");
    }
    const auto entry = reinterpret_cast<const source::ModuleApi* (*)()>(::dlsym(library, source::kModuleEntry));
    if (entry) return entry();
  }
  return unavailable("this ridgeline was built without the source advisor",
                     "install llvm-19-dev and libclang-19-dev and build again");
}

void splitChecks(const std::string& list, std::vector<std::string>& checks) {
  for (size_t at = 0; at <= list.size() && !list.empty();) {
    const auto comma = std::min(list.find(',', at), list.size());
    if (comma > at) checks.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
}

Status writePatch(const source::ModuleApi& api, const Arguments& args, const std::vector<source::FixedFile>& files) {
  std::string patch;
  for (const auto& file : files) patch += api.unifiedDiff(file.path.string(), file.before, file.after);
  return writeFileAtomically(args.patch, patch);
}

// With --prove only what was proven is kept.
Status applyFixes(const source::ModuleApi& api, const Arguments& args, SourceOutcome& outcome, Console& console) {
  if (!args.prove.command.empty()) {
    auto proof = api.prove(args.options, args.prove, console.job());
    if (!proof) return passOn(proof);
    outcome.fixed = proof->files;
    outcome.proof = std::move(*proof);
  } else if (args.fix || !args.patch.empty()) {
    auto fixed = api.fixAll(args.options, console.job());
    if (!fixed) return passOn(fixed);
    outcome.fixed = std::move(*fixed);
  }
  if (!args.patch.empty()) {
    if (auto written = writePatch(api, args, outcome.fixed); !written) return written;
  }
  if (!args.fix) return {};
  outcome.written = true;
  return api.writeFixed(outcome.fixed);
}

std::string printed(const SourceOutcome& outcome, const source::ModuleApi& api, const Arguments& args, bool colours) {
  switch (args.format) {
    case SourceFormat::Json:
      return sourceJson(outcome);
    case SourceFormat::Markdown:
      return sourceMarkdown(outcome, args.top);
    case SourceFormat::Sarif:
      return sourceSarif(outcome, api.checks(), kVersion);
    case SourceFormat::Text:
      break;
  }
  return sourceText(outcome, args.top, colours && args.output.empty());
}

// What could not be read is told in any case; a file that could not be looked at at all is an error.
Status tellProblems(const source::Report& report, Console& console) {
  for (const auto& file : report.files) {
    if (file.problems.empty()) continue;
    const auto more = file.problems.size() > 1 ? fmt::format(" (and {} more)", file.problems.size() - 1) : "";
    console.note(
        fmt::format("ridgeline: {}: {}{}; what could be read was looked at", file.file, file.problems.front(), more));
  }
  for (size_t i = 0; i + 1 < report.errors.size(); ++i) console.note("ridgeline: " + report.errors[i]);
  if (!report.errors.empty()) return badInput(report.errors.back());
  return {};
}

Status runSource(Arguments& args, Console& console) {
  console.setProgress(args.progress);
  args.options.flags = console.tail();
  const auto api = loadModule();
  if (!api) return tl::unexpected<Error>(api.error());
  if (args.listChecks) return console.print(sourceChecksText((*api)->checks()), args.output);
  if (args.options.files.empty()) return fail(ErrorCode::Usage, "no file is named", "see 'ridgeline source --help'");
  splitChecks(args.checks, args.options.checks);
  SourceOutcome outcome;
  auto report = (*api)->analyze(args.options, console.job());
  if (!report) return passOn(report);
  outcome.report = std::move(*report);
  const bool allRead = outcome.report.errors.empty();
  if (allRead) {
    if (auto applied = applyFixes(**api, args, outcome, console); !applied) return applied;
  }
  console.endProgress();
  if (!outcome.report.files.empty()) {
    if (auto shown = console.print(printed(outcome, **api, args, console.colours()), args.output); !shown) return shown;
  }
  if (auto told = tellProblems(outcome.report, console); !told) return told;
  const bool unproven = outcome.proof && !outcome.proof->improved;
  if (unproven) return fail(ErrorCode::Negative, "no fix was proven to be faster");
  return {};
}

void addFormat(CLI::App& verb, Arguments& args) {
  static const std::map<std::string, SourceFormat> formats{{"text", SourceFormat::Text},
                                                           {"json", SourceFormat::Json},
                                                           {"markdown", SourceFormat::Markdown},
                                                           {"sarif", SourceFormat::Sarif}};
  verb.add_option("--format", args.format, "How to print: text, json, markdown or sarif (default text)")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
  static const std::map<std::string, ProgressStyle> styles{{"auto", ProgressStyle::Auto},
                                                           {"none", ProgressStyle::None},
                                                           {"bar", ProgressStyle::Bar},
                                                           {"json", ProgressStyle::Json}};
  verb.add_option("--progress", args.progress, "What to tell meanwhile on stderr: auto, bar, json or none")
      ->transform(CLI::CheckedTransformer(styles).description(""))
      ->type_name("STYLE");
  verb.add_option("-o,--output", args.output, "Print into this file")->type_name("FILE");
  verb.add_option("--top", args.top, "Findings to list (default 20)")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000).description(""));
}

void addProof(CLI::App& verb, Arguments& args) {
  verb.add_option("--prove", args.prove.command,
                  "Build and run the code before and after, and keep only fixes that are faster and print the same: "
                  "'BUILD && RUN', by sh in a copy of the current folder; the part after the last && is timed")
      ->type_name("COMMAND");
  verb.add_option("--prove-folder", args.prove.folder, "The folder to copy for it (default: the current one)")
      ->type_name("DIR");
  verb.add_option("--tolerance", args.prove.tolerance,
                  "How far numbers that the program prints may differ, relative (default 0: not at all)")
      ->type_name("REL")
      ->check(CLI::Range(0.0, 1.0).description(""));
  addQuantity(verb, "--budget", args.prove.budgetS, parseDuration, "Time for each measurement of --prove (default 2m)")
      ->type_name("TIME");
}

}  // namespace

Action declareSource(CLI::App& program) {
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("source", "Find and fix what keeps CUDA, C++ and OpenCL code slow");
  verb->footer(
      "What stands behind -- goes to the compiler: -I, -D, -std and the like; otherwise compile_commands.json is "
      "looked\n"
      "for above each file. CUDA is read with the toolkit's headers where there are any, else with built-in ones.\n"
      "Fixes keep what the code does, or are not offered: the reason is named. docs/source-checks describes the "
      "checks.");
  verb->add_option("FILES", args->options.files, "Source files: .cu, .cpp, .c, .cl, headers");
  verb->add_flag("--fix", args->fix, "Apply the fixes: each file whole, or not at all");
  verb->add_flag("--allow-rounding", args->options.allowRounding,
                 "Also apply fixes that can change the last bits of results");
  verb->add_option("--patch", args->patch, "Write the fixes into this file as a patch")->type_name("FILE");
  verb->add_option("--checks", args->checks,
                   "Which ones, by commas: names, beginnings with *, or - before to leave out")
      ->type_name("LIST");
  verb->add_flag("--list-checks", args->listChecks, "Say which checks there are");
  verb->add_option("--profile", args->options.profile, "Rank by what this recording says of each kernel")
      ->type_name("FILE.ridge");
  verb->add_option("--compile-commands", args->options.compileCommands, "compile_commands.json, or its folder")
      ->type_name("PATH");
  verb->add_option("--cuda-path", args->options.cudaPath, "The CUDA toolkit (none: use the built-in headers)")
      ->type_name("DIR");
  addProof(*verb, *args);
  addFormat(*verb, *args);
  return [args](Console& console) -> Status { return runSource(*args, console); };
}

}  // namespace ridgeline::cli
